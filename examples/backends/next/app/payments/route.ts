import { byIntrospection, forUsers } from '../../twofold';

export const GET = forUsers(byIntrospection, (user) => Response.json({ owner: user.sub, level: user.acr }));
