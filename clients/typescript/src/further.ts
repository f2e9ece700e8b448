// What the OpenAPI description does not have yet, in the form of `api.ts`.

/** A token for another service (RFC 9068). */
export type ServiceToken = { token: string; token_type: 'Bearer'; expires_in: number };

export type FurtherPaths = {
  '/api/auth/token': {
    post: {
      requestBody?: { content: { 'application/json': { audience?: string } } };
      responses: {
        200: { content: { 'application/json': ServiceToken } };
        default: { content: { 'application/problem+json': { code: 'audience_unknown' | 'tokens_not_available' } } };
      };
    };
  };
};
