// better-auth as its documentation sets it up with email, password and the MongoDB adapter. Its rate limit is off, as the
// service's limits on a network are: the load comes from one address.

import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { mongodbAdapter } from 'better-auth/adapters/mongodb';
import { toNodeHandler } from 'better-auth/node';
import { MongoClient } from 'mongodb';

const client = new MongoClient(process.env.DATABASE_URL);
const auth = betterAuth({
  baseURL: 'http://127.0.0.1',
  secret: process.env.BETTER_AUTH_SECRET,
  database: mongodbAdapter(client.db(process.env.DATABASE), { transaction: false }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
});

const server = createServer(toNodeHandler(auth));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
