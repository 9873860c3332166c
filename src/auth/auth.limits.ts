import type { LimitPolicy } from '../common/http/limits/limits.js';

/** Getting in costs the server a slow hash, and a stranger nothing: 120 a minute by default. Wrong passwords have limits of their own. */
export const SigningIn: LimitPolicy = { name: 'signing-in', share: 0.2 };

/** What makes an account or sends mail: 60 a minute by default. */
export const Accounts: LimitPolicy = { name: 'accounts', share: 0.1 };

/** Renewing tokens, for all who share an address: 300 a minute by default. */
export const Refreshing: LimitPolicy = { name: 'refreshing', share: 0.5 };
