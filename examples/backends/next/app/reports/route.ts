import { byJwt, forUsers } from '../../twofold';

export const GET = forUsers(byJwt, (user) => Response.json({ owner: user.sub, level: user.acr }));
