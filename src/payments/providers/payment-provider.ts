/** What is asked of a payment provider. A capture that follows no authorization charges in one step. */
export type PaymentOperation = 'authorize' | 'capture' | 'void' | 'refund';

/** An amount in minor units of a currency of ISO 4217. */
interface Amount {
  readonly amount: number;
  readonly currency: string;
}

/** A request to a provider. Sent again with the same key it is the same request, and has one effect. */
interface ProviderRequest extends Amount {
  /** The id of the attempt: what the provider knows the request by. */
  readonly key: string;
}

/** A payment by a token, which stands for a card or another way to pay. */
export interface NewPayment extends ProviderRequest {
  readonly token: string;
  readonly orderId: string;
  /** Whether the money is taken at once; else it is only authorized. */
  readonly capture: boolean;
}

/** What is done with a payment that there is. */
export interface FollowUp extends ProviderRequest {
  /** The reference that the provider gave the payment. */
  readonly payment: string;
}

/** What a request is found by. */
export interface Lookup extends ProviderRequest {
  readonly operation: PaymentOperation;
  /** The reference that the provider gave what is looked for; null as long as it has given none. */
  readonly reference: string | null;
  /** The reference of the payment that a capture, void or refund is about; null for a payment itself. */
  readonly payment: string | null;
}

/** A request was executed; `reference` is what the provider knows it by. */
interface Succeeded extends Amount {
  readonly state: 'succeeded';
  readonly reference: string;
}

/** A request was refused, and has no effect. */
interface Declined {
  readonly state: 'declined';
  readonly reference: string | null;
  /** Why, in the words of the provider: `insufficient_funds`. */
  readonly code: string;
}

/** A request was taken, and its outcome comes later. */
interface Pending {
  readonly state: 'pending';
  readonly reference: string | null;
}

/** What a provider says of a request. */
export type ProviderAnswer = Succeeded | Declined | Pending;

/** What a provider announces by itself. */
export interface ProviderWebhook {
  /** Unique among the webhooks of the provider; the same when it is sent again. */
  readonly eventId: string;
  /** The key of the request that it is about; null when it is about none of ours. */
  readonly key: string | null;
  /** Null when it says nothing of an outcome. */
  readonly answer: ProviderAnswer | null;
}

/** A webhook as it came: the signature is of these bytes. */
export interface ReceivedWebhook {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * It is not known whether a request had its effect: no answer came in time, the connection broke, the provider failed, or its
 * answer can not be read. It may have happened, and is not sent under another key.
 */
export class PaymentOutcomeUnknown extends Error {}

/** A webhook without a signature, or with one that is wrong or too old: it is not from the provider. */
export class WebhookNotGenuine extends Error {}

/** How far the time of a signature may be from now, in seconds, in either direction. */
export const SIGNATURE_TOLERANCE = 300;

/** Takes, holds and returns money. Which one it is, configuration decides. No method is called inside of a unit of work. */
export abstract class PaymentProvider {
  /** Rows and paths have it: `stripe`. */
  abstract readonly name: string;

  /** Authorizes a payment, or charges it in one step. @throws PaymentOutcomeUnknown */
  abstract authorize(payment: NewPayment): Promise<ProviderAnswer>;

  /** Takes the money of an authorized payment, once: all of it, or less. @throws PaymentOutcomeUnknown */
  abstract capture(capture: FollowUp): Promise<ProviderAnswer>;

  /** Gives up an authorized payment. @throws PaymentOutcomeUnknown */
  abstract void(payment: FollowUp): Promise<ProviderAnswer>;

  /** Returns money of a captured payment; several refunds make up the captured amount at most. @throws PaymentOutcomeUnknown */
  abstract refund(refund: FollowUp): Promise<ProviderAnswer>;

  /**
   * What became of a request. @returns undefined when the provider knows none of the key: the same request may be sent again with it.
   * @throws PaymentOutcomeUnknown
   */
  abstract find(lookup: Lookup): Promise<ProviderAnswer | undefined>;

  /** Reads a webhook. @throws WebhookNotGenuine */
  abstract parseWebhook(webhook: ReceivedWebhook): Promise<ProviderWebhook>;
}
