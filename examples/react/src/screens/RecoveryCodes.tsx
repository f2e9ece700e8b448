import { useState } from 'react';
import { Action, Check, Dialog } from '../ui';

export function RecoveryCodes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const [isSaved, setIsSaved] = useState(false);
  return (
    <Dialog title="Save your recovery codes">
      <p>Each of them replaces your second factor once, if you lose it. You’ll only see them now.</p>
      <ul className="codes">
        {codes.map((code) => <li key={code}><code>{code}</code></li>)}
      </ul>
      <Action run={() => navigator.clipboard.writeText(codes.join('\n'))} done="Copied.">Copy</Action>
      <Check label="I have saved these codes" checked={isSaved} onChange={setIsSaved} />
      <button type="button" className="primary" disabled={!isSaved} onClick={onClose}>Continue</button>
    </Dialog>
  );
}
