import { useInfiniteQuery } from '@tanstack/react-query';
import { listEvents } from 'twofold-client';
import { service } from '../service';
import { Action, Alert, Card, Page } from '../ui';

/** `signed_in_with_code` as words. */
const words = (kind: string) => kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('_', ' ');

export function Activity() {
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['events'],
    queryFn: ({ pageParam, signal }) => listEvents(service, { limit: 20, ...(pageParam && { after: pageParam }) }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  });
  return (
    <Page title="Activity">
      <Card>
        <Alert error={error} />
        <ul className="items">
          {data?.pages.flatMap(({ events }) => events).map(({ id, kind, at, ip }) => (
            <li key={id}>
              {words(kind)}
              <span className="soft">{`${ip ?? 'The operator'} · ${new Date(at).toLocaleString()}`}</span>
            </li>
          ))}
        </ul>
        {hasNextPage && <Action run={() => fetchNextPage({ throwOnError: true })}>Show more</Action>}
      </Card>
    </Page>
  );
}
