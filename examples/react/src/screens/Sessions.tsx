import { useQuery } from '@tanstack/react-query';
import { endOtherSessions, endSession, listSessions } from 'twofold-client';
import { service } from '../service';
import { Action, Alert, Card, Page } from '../ui';

export function Sessions() {
  const { data, error, refetch } = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => listSessions(service, {}, { signal }) });
  return (
    <Page title="Sessions">
      <Card>
        <Alert error={error} />
        <ul className="items">
          {data?.sessions.map(({ id, current, user_agent: agent, ip, last_seen_at: seen }) => (
            <li key={id}>
              <div>
                {agent || 'Unknown program'}
                <p className="soft">{`${ip} · ${new Date(seen).toLocaleString()}`}</p>
              </div>
              {current ? <span className="soft">This session</span> : <Action run={async () => { await endSession(service, { id }); return refetch(); }}>Log out</Action>}
            </li>
          ))}
        </ul>
        <Action run={async () => { await endOtherSessions(service); return refetch(); }} done="All other sessions have ended.">Log out all others</Action>
      </Card>
    </Page>
  );
}
