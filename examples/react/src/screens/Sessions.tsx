import { useQuery } from '@tanstack/react-query';
import { endOtherSessions, endSession, forgetDevice, forgetDevices, listDevices, listSessions, type Session, type TrustedDevice } from 'twofold-client';
import { service } from '../service';
import { Action, Alert, Card, Page } from '../ui';

const seen = ({ ip, last_seen_at: at }: Session | TrustedDevice) => `${ip} · ${new Date(at).toLocaleString()}`;
const program = ({ user_agent: agent }: Session | TrustedDevice) => agent || 'Unknown program';

export function Sessions() {
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => listSessions(service, {}, { signal }) });
  const devices = useQuery({ queryKey: ['devices'], queryFn: ({ signal }) => listDevices(service, {}, { signal }) });
  const after = async (call: Promise<unknown>) => { await call; return Promise.all([sessions.refetch(), devices.refetch()]); };
  return (
    <Page title="Sessions">
      <Card>
        <Alert error={sessions.error} />
        <ul className="items">
          {sessions.data?.sessions.map((session) => (
            <li key={session.id}>
              <div>{program(session)}<p className="soft">{seen(session)}</p></div>
              {session.current ? <span className="soft">This session</span> : <Action run={() => after(endSession(service, { id: session.id }))}>Log out</Action>}
            </li>
          ))}
        </ul>
        <Action run={() => after(endOtherSessions(service))} done="All other sessions have ended.">Log out all others</Action>
      </Card>
      {devices.error || devices.data?.devices.length ? (
        <Card title="Remembered devices">
          <Alert error={devices.error} />
          <p className="soft">They need no second factor to log in.</p>
          <ul className="items">
            {devices.data?.devices.map((device) => (
              <li key={device.id}>
                <div>{program(device)}<p className="soft">{seen(device)}{device.current && ' · this device'}</p></div>
                <Action run={() => after(forgetDevice(service, { id: device.id }))}>Forget</Action>
              </li>
            ))}
          </ul>
          <Action run={() => after(forgetDevices(service))}>Forget all</Action>
        </Card>
      ) : null}
    </Page>
  );
}
