// Serves this frontend, and runs a command until it ends: `make demo` runs the service.
import { spawn } from 'node:child_process';
import { createServer } from 'vite';

const frontend = await createServer({ root: import.meta.dirname });
await frontend.listen().catch((error) => {
  console.error(`The frontend can't start: ${error.message}. Stop what uses the port, then try again.`);
  process.exit(1);
});
frontend.printUrls();

const [program, ...options] = process.argv.slice(2);
const command = spawn(program, options, { stdio: 'inherit' });
// Vite would end this program before the command has ended.
process.removeAllListeners('SIGTERM');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => command.kill(signal));
command.on('error', (error) => console.error(error.message));
command.on('close', (code) => process.exit(code ?? 1));
