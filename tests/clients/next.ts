// Serves the route handlers of the example, as Next.js would.
import { createServer } from 'node:http';
import { GET as payments } from './app/payments/route';
import { GET as reports } from './app/reports/route';

const handlers: Record<string, (request: Request) => Promise<Response>> = { '/payments': payments, '/reports': reports };

const server = createServer(async (request, response) => {
  const headers = new Headers(Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]));
  const answer = await handlers[request.url ?? '']?.(new Request(`http://localhost${request.url}`, { headers }));
  response.writeHead(answer?.status ?? 404, Object.fromEntries(answer?.headers ?? []));
  response.end(await answer?.text());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening on http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
