import { QRCodeSVG } from 'qrcode.react';
import { confirmAuthenticator } from 'twofold-client';
import { TOKEN } from '../fields';
import { service } from '../service';
import { Dialog, Field, Form } from '../ui';

type Props = {
  setup: { base32: string; otpauth_url: string };
  onDone: (codes: string[]) => Promise<void>;
  onClose: () => void;
};

export function SetUp({ setup, onDone, onClose }: Props) {
  return (
    <Dialog title="Set up your authenticator app" onClose={onClose}>
      <p>Scan this with your app, or enter the key below. Then enter the code that the app shows.</p>
      <QRCodeSVG value={setup.otpauth_url} size={192} marginSize={4} title="QR code for your authenticator app" className="qr" />
      <code className="key">{setup.base32.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
      <Form schema={TOKEN} button="Turn on" onSubmit={async (values) => onDone((await confirmAuthenticator(service, values)).recovery_codes)}>
        <Field name="token" label="Six-digit code" inputMode="numeric" autoComplete="one-time-code" />
      </Form>
    </Dialog>
  );
}
