import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addPasskey, isProblem, listPasskeys, type Passkey, removePasskey, renamePasskey, supportsPasskeys } from 'twofold-client';
import { z } from 'zod';
import { NAME } from '../fields';
import { accepted, service } from '../service';
import { Action, Alert, Card, Dialog, Field, Form } from '../ui';

const NAMED = z.object({ name: NAME });

/** The passkeys of the account; nothing where the service has none. */
export function Passkeys({ onChange }: { onChange: (codes?: string[]) => Promise<void> }) {
  const { data, error } = useQuery({ queryKey: ['passkeys'], queryFn: ({ signal }) => listPasskeys(service, {}, { signal }) });
  const [renamed, setRenamed] = useState<Passkey>();
  if (isProblem(error, 'passkeys_not_available') || (!data && !error)) return null;

  async function add() {
    const result = accepted(await addPasskey(service));
    if (result.outcome === 'created') await onChange(result.recovery_codes);
  }

  return (
    <Card title="Passkeys">
      <Alert error={error} />
      <ul className="items">
        {data?.passkeys.map((passkey) => (
          <li key={passkey.id}>
            <div>
              {passkey.name}
              <p className="soft">
                {passkey.last_used_at ? `Last used ${new Date(passkey.last_used_at).toLocaleString()}` : 'Not used yet'}
                {passkey.signs_in ? '' : ' · only as a second factor'}
              </p>
            </div>
            <div className="row">
              <button type="button" aria-label={`Rename ${passkey.name}`} onClick={() => setRenamed(passkey)}>Rename</button>
              <Action
                label={`Remove ${passkey.name}`}
                sure={`Remove ${passkey.name}?`}
                run={async () => { await removePasskey(service, { id: passkey.id }); return onChange(); }}
              >
                Remove
              </Action>
            </div>
          </li>
        ))}
      </ul>
      {supportsPasskeys() ? <Action run={add}>Add a passkey</Action> : <p className="soft">This browser has no passkeys.</p>}
      {renamed && (
        <Dialog title="Rename the passkey" onClose={() => setRenamed(undefined)}>
          <Form
            schema={NAMED}
            button="Save"
            initial={{ name: renamed.name }}
            onSubmit={async ({ name }) => {
              await renamePasskey(service, { id: renamed.id, name });
              setRenamed(undefined);
              await onChange();
            }}
          >
            <Field name="name" label="Name" autoComplete="off" />
          </Form>
        </Dialog>
      )}
    </Card>
  );
}
