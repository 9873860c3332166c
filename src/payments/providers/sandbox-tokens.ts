/** A webhook that follows a request: after how many seconds, and whether it says the outcome or still that it is pending. */
interface FollowingWebhook {
  readonly after: number;
  /** Webhooks of the same event have the same number. */
  readonly event: number;
  readonly state: 'outcome' | 'pending';
}

/** How the sandbox behaves when somebody pays with a token. */
export interface SandboxBehavior {
  /** Why the payment is declined; undefined of one that succeeds. */
  readonly code?: string;
  /** What the shop hears at once: the outcome, that it is pending, or nothing, as after a time-out. */
  readonly answer?: 'pending' | 'nothing';
  /** The first request does not arrive. */
  readonly isLost?: boolean;
  /** The payment never gets an outcome. */
  readonly isEndless?: boolean;
  readonly webhooks?: readonly FollowingWebhook[];
  /** What happens to refunds of the payment. */
  readonly refund?: { readonly code?: string; readonly answer?: 'nothing' };
}

/** The tokens that the sandbox takes; any other one is declined. */
const TOKENS: ReadonlyMap<string, SandboxBehavior> = new Map<string, SandboxBehavior>([
  ['tok_success', {}],
  ['tok_declined', { code: 'card_declined' }],
  ['tok_insufficient_funds', { code: 'insufficient_funds' }],
  // the time is over; the payment succeeded, failed, or never arrived
  ['tok_timeout', { answer: 'nothing' }],
  ['tok_timeout_declined', { answer: 'nothing', code: 'card_declined' }],
  ['tok_timeout_lost', { answer: 'nothing', isLost: true }],
  ['tok_pending', { answer: 'pending', isEndless: true }],
  // the answer comes once more, as an event of its own
  ['tok_duplicate', { webhooks: [{ after: 0, event: 1, state: 'outcome' }] }],
  ['tok_webhook_late', { answer: 'nothing', webhooks: [{ after: 20, event: 1, state: 'outcome' }] }],
  [
    'tok_webhook_repeated',
    { answer: 'pending', webhooks: [1, 2, 3].map((after) => ({ after, event: 1, state: 'outcome' })) },
  ],
  [
    'tok_webhook_reordered',
    {
      answer: 'pending',
      webhooks: [
        { after: 1, event: 2, state: 'outcome' },
        { after: 2, event: 1, state: 'pending' },
      ],
    },
  ],
  ['tok_refund_declined', { refund: { code: 'refund_declined' } }],
  ['tok_refund_timeout', { refund: { answer: 'nothing' } }],
]);

const UNKNOWN_TOKEN: SandboxBehavior = { code: 'invalid_token' };

/** What the sandbox does when somebody pays with a token. */
export const behaviorOf = (token: string | null): SandboxBehavior => TOKENS.get(token ?? '') ?? UNKNOWN_TOKEN;
