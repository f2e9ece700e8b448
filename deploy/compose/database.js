// Creates the replica set, its administrator, and the user of the service. Can be repeated: it then sets the password and the rights of the
// service's user again.

const fs = require('fs');
const secret = (name) => fs.readFileSync(`/run/secrets/${name}`, 'utf8').trim();
const MEMBERS = ['mongo-1:27017', 'mongo-2:27017', 'mongo-3:27017'];
const TLS = 'tls=true&tlsCAFile=/run/secrets/database-ca';
const DATABASE = 'twofold';
const admin = { user: 'admin', pwd: secret('database-admin-password') };

/** Waits until `holds` returns true, for a minute. */
function until(what, holds) {
  for (let tries = 0; tries < 120; tries += 1) {
    if (holds()) return;
    sleep(500);
  }
  throw new Error(`timed out: ${what}`);
}

/** Creates a user or a role, or updates the one that exists. */
function put(database, kind, name, definition) {
  const exists = database.runCommand({ [`${kind}sInfo`]: name })[`${kind}s`].length > 0;
  const verb = exists ? 'update' : 'create';
  const command = `${verb}${kind[0].toUpperCase()}${kind.slice(1)}`;
  database.runCommand({ [command]: name, ...definition });
  print(`${verb}d the ${kind} ${name}`);
}

// The first member, alone and through the loopback interface.
const local = new Mongo(`mongodb://localhost:27017/?directConnection=true&${TLS}`).getDB('admin');
const hello = () => local.runCommand({ hello: 1 });

if (!hello().setName) {
  const members = MEMBERS.map((host, _id) => ({ _id, host }));
  local.runCommand({ replSetInitiate: { _id: 'rs0', members } });
  until('mongo-1 is the primary', () => hello().isWritablePrimary);
  print('created the replica set rs0');
}

// The first user; once there is one, this connection may do nothing.
try {
  local.runCommand({ createUser: admin.user, pwd: admin.pwd, roles: ['root'] });
  print(`created the user ${admin.user}`);
} catch (error) {
  if (error.codeName !== 'Unauthorized') throw error;
}

const credentials = `${admin.user}:${encodeURIComponent(admin.pwd)}`;
const set = new Mongo(`mongodb://${credentials}@${MEMBERS.join()}/?replicaSet=rs0&${TLS}`);
const database = set.getDB(DATABASE);

// What the service does to its collections, and nothing else: it reads no other database and drops nothing.
const { collections, actions } = JSON.parse(fs.readFileSync('/opt/twofold/role.json', 'utf8'));
const privileges = collections.map((collection) => ({ resource: { db: DATABASE, collection }, actions }));
put(database, 'role', 'twofold', { privileges, roles: [] });
put(database, 'user', 'twofold', { pwd: secret('database-service-password'), roles: ['twofold'] });
