import { QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { connect, me, isProblem, Problem, type Refused, Unreachable } from 'twofold-client';
import { useLocation, useNavigate } from 'react-router';
import { askAgain } from './asking';

// A production build has the address, or fails: vite.config.ts.
export const service = connect({
  baseUrl: import.meta.env.VITE_API_URL ?? 'http://localhost:8000',
  retry: { limit: 1, longestWait: 2 },
  reauthenticate: askAgain,
});

// The client waits and repeats where that is safe, so queries don't.
export const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 10_000 } } });

// A session that has ended is noticed by whichever call comes next.
const onError = (error: Error) => {
  if (isProblem(error, 'not_authenticated', 'otp_required')) void queryClient.invalidateQueries({ queryKey: ['me'] });
};
queryClient.getMutationCache().config.onError = onError;
queryClient.getQueryCache().config.onError = (error, { queryKey }) => {
  if (queryKey[0] !== 'me') onError(error);
};

/** The user and the session. A reload asks for them again, so it keeps the user signed in. */
export const useMe = () => useQuery({ queryKey: ['me'], queryFn: ({ signal }) => me(service, {}, { signal }) });

/** Returns what to do once there is a session: forget everything of an earlier one, and go on to where the user wanted to be. */
export function useEnter() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { state } = useLocation();
  return () => {
    queries.clear();
    void navigate(state?.from ?? '/', { replace: true });
  };
}

/** Throws the problem of a refusal, which the form or the button then shows. Returns every other result. */
export function accepted<R extends { outcome: string }>(result: R | Refused<string>) {
  if ('problem' in result) throw result.problem;
  return result;
}

/** Words of our own; the service has a sentence for every other problem. */
const SENTENCES: Record<string, string> = { incorrect_credentials: 'Incorrect email or password.', otp_invalid: 'Incorrect code.' };

/** A sentence for the user. */
export function sentence(error: unknown) {
  if (error instanceof Problem) return SENTENCES[error.code] ?? error.message;
  if (error instanceof DOMException && error.name === 'NotAllowedError') return 'No passkey was used. Please try again.';
  return error instanceof Unreachable ? error.message : 'Something went wrong. Please try again.';
}
