import { useQuery } from '@tanstack/react-query';
import { addPasskey, listPasskeys, removePasskey, supportsPasskeys } from 'twofold-client';
import { service } from '../service';
import { Action, Card } from '../ui';

/** The passkeys of the account; nothing where the service has none. */
export function Passkeys({ onChange }: { onChange: (codes?: string[]) => Promise<void> }) {
  const { data } = useQuery({ queryKey: ['passkeys'], queryFn: ({ signal }) => listPasskeys(service, {}, { signal }) });
  if (!data) return null;

  async function add() {
    const result = await addPasskey(service);
    if (result.outcome === 'refused') throw result.problem;
    if (result.outcome === 'created') await onChange(result.recovery_codes);
  }

  return (
    <Card title="Passkeys">
      <ul className="items">
        {data.passkeys.map(({ id, name, last_used_at: used }) => (
          <li key={id}>
            <div>
              {name}
              <p className="soft">{used ? `Last used ${new Date(used).toLocaleString()}` : 'Not used yet'}</p>
            </div>
            <Action run={async () => { await removePasskey(service, { id }); return onChange(); }} sure={`Remove ${name}?`}>Remove</Action>
          </li>
        ))}
      </ul>
      {supportsPasskeys() ? <Action run={add}>Add a passkey</Action> : <p className="soft">This browser has no passkeys.</p>}
    </Card>
  );
}
