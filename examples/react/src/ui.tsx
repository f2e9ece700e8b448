// What the screens are made of.
import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { createContext, type InputHTMLAttributes, type ReactNode, useContext, useEffect, useId, useRef, useState } from 'react';
import { type DefaultValues, type FieldValues, FormProvider, useForm, useFormContext } from 'react-hook-form';
import { Problem } from 'twofold-client';
import type { z } from 'zod';
import { sentence } from './service';

/** A screen. Its heading takes the focus, so that a screen reader says where the user is. */
export function Page({ title, children }: { title: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <title>{`${title} · Example`}</title>
      <h1 ref={heading} tabIndex={-1}>{title}</h1>
      {children}
    </>
  );
}

/** The buttons of a card or a form share one turn, so that no two of them act at once. */
const Turn = createContext<{ isBusy: boolean; once: (run: () => Promise<unknown>) => Promise<void> } | undefined>(undefined);

/** Runs one call at a time, and says whether one goes on: state alone comes too late for a double click. */
function useTurn() {
  const isRunning = useRef(false);
  const [isBusy, setIsBusy] = useState(false);
  async function once(run: () => Promise<unknown>) {
    if (isRunning.current) return;
    isRunning.current = true;
    setIsBusy(true);
    try {
      await run();
    } finally {
      isRunning.current = false;
      setIsBusy(false);
    }
  }
  return useContext(Turn) ?? { isBusy, once };
}

export const Card = ({ title, children }: { title?: string; children: ReactNode }) => (
  <section className="card">
    {title && <h2>{title}</h2>}
    <Turn value={useTurn()}>{children}</Turn>
  </section>
);

export const Alert = ({ error }: { error: unknown }) => <p role="alert" className="error">{error ? sentence(error) : ''}</p>;

type FormProps<V extends FieldValues> = {
  schema: z.ZodType<V, V>;
  button: string;
  /** What the fields have at first. */
  initial?: DefaultValues<V>;
  onSubmit: (values: V) => Promise<unknown>;
  children: ReactNode;
};

/** A form that is sent once at a time. What `onSubmit` throws is shown beside its field, or below the fields. */
export function Form<V extends FieldValues>({ schema, button, initial, onSubmit, children }: FormProps<V>) {
  const form = useForm<V>({ resolver: zodResolver(schema), defaultValues: initial ?? ({} as DefaultValues<V>) });
  const { isSubmitting, errors } = form.formState;
  const turn = useTurn();
  const send = form.handleSubmit(async (values) => {
    try {
      await onSubmit(values);
    } catch (error) {
      const fields = error instanceof Problem ? error.fields.filter(({ field }) => field in values) : [];
      for (const { field, message } of fields) form.setError(field as never, { message }, { shouldFocus: true });
      if (fields.length === 0) form.setError('root', { message: sentence(error) });
    }
  });
  return (
    <FormProvider {...form}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); void turn.once(() => send(event)); }}>
        <Turn value={turn}>{children}</Turn>
        <p role="alert" className="error">{errors.root?.message}</p>
        <button type="submit" className="primary" aria-disabled={turn.isBusy}>{isSubmitting ? 'One moment…' : button}</button>
      </form>
    </FormProvider>
  );
}

/** A field of a form, with its error. */
export function Field({ name, label, hint, ...input }: { name: string; label: string; hint?: string } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const { register, formState: { errors } } = useFormContext();
  const message = errors[name]?.message as string | undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && <p id={`${id}-hint`} className="soft">{hint}</p>}
      <input id={id} aria-invalid={message ? true : undefined} aria-describedby={`${id}-error ${id}-hint`} {...input} {...register(name)} />
      <p id={`${id}-error`} className="error">{message}</p>
    </div>
  );
}

export const Check = ({ label, checked, onChange }: { label: string; checked: boolean; onChange: (checked: boolean) => void }) => (
  <label className="check">
    <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
    {label}
  </label>
);

type ActionProps = {
  run: () => Promise<unknown>;
  children: ReactNode;
  /** What is said once it is done. */
  done?: string;
  /** The question to confirm first. */
  sure?: string;
  /** What the button is called, where what it shows is not enough. */
  label?: string;
  className?: string;
};

/** A button that calls the service, once at a time. Its error is shown below it. */
export function Action({ run, children, done, sure, label, className }: ActionProps) {
  const [isAsking, setIsAsking] = useState(false);
  const { mutateAsync, isSuccess, error } = useMutation({ mutationFn: run });
  const { isBusy, once } = useTurn();
  const start = () => once(async () => {
    setIsAsking(false);
    // The error is shown below.
    await mutateAsync().catch(() => undefined);
  });
  return (
    <div className="action">
      <button type="button" className={className} aria-label={label} aria-disabled={isBusy} onClick={() => (sure ? setIsAsking(true) : void start())}>{children}</button>
      <output>{isSuccess && done}</output>
      <Alert error={error} />
      {isAsking && (
        <Dialog title={sure ?? ''} onClose={() => setIsAsking(false)}>
          <div className="row">
            <button type="button" className="primary" onClick={() => void start()}>Yes</button>
            <button type="button" onClick={() => setIsAsking(false)}>No</button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

/** A button in a form that does not send it, but has its values. */
export function FormAction<V extends FieldValues>({ run, children }: { run: (values: Partial<V>) => Promise<unknown>; children: ReactNode }) {
  const { getValues } = useFormContext<V>();
  return <Action run={() => run(getValues())}>{children}</Action>;
}

/** A modal dialog that is open for as long as it is rendered. Without `onClose` the user has to finish it. */
export function Dialog({ title, children, onClose }: { title: string; children: ReactNode; onClose?: () => void }) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose?.(); }}
      // Browsers let a page prevent `cancel` only once.
      onKeyDown={(event) => { if (event.key === 'Escape' && !onClose) event.preventDefault(); }}
    >
      <h2 id={id}>{title}</h2>
      {children}
      {onClose && <button type="button" className="quiet" onClick={onClose}>Close</button>}
    </dialog>
  );
}
