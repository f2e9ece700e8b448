import type { CallOptions, Service } from './service.js';
import type { Answer, Input, Method, PathWith } from './types.js';

/** A call: its input may be left out if it has no required field. */
export type Call<In, Out> = {} extends In
  ? (service: Service, input?: In, options?: CallOptions) => Promise<Out>
  : (service: Service, input: In, options?: CallOptions) => Promise<Out>;

/** Makes the function of a call. `renews` says that the response has a new token for a bearer caller. */
/* @__NO_SIDE_EFFECTS__ */
export function call<M extends Method, P extends PathWith<M>>(method: M, template: P, renews = false): Call<Input<M, P>, Answer<M, P>> {
  const run = async (service: Service, input: object = {}, options: CallOptions = {}) => {
    const rest: Record<string, unknown> = { ...input };
    const path = (template as string).replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = String(rest[name]);
      delete rest[name];
      return encodeURIComponent(value);
    });
    const hasRest = Object.keys(rest).length > 0;
    const isQuery = method === 'get' && hasRest;
    const query = isQuery ? `?${new URLSearchParams(Object.entries(rest).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]))}` : '';
    const answer = await service.send({ method, path: path + query, ...(hasRest && !isQuery && { body: rest }), ...options });
    if (renews) keepToken(service, answer);
    return answer;
  };
  return run as Call<Input<M, P>, Answer<M, P>>;
}

/** Stores the token that a response has for a bearer caller. */
export function keepToken(service: Service, answer: unknown): void {
  const { token } = (answer ?? {}) as { token?: string };
  if (token) service.bearer?.set(token);
}
