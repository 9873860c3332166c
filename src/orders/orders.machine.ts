/** What an order is to the shop, beside how far it is paid and sent. */
export const ORDER_STATUSES = ['pending', 'confirmed', 'completed', 'cancelled', 'expired'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** What may happen to an order that changes its status, or needs one. */
export const ORDER_ACTIONS = ['confirm', 'fulfill', 'complete', 'cancel', 'expire'] as const;
export type OrderAction = (typeof ORDER_ACTIONS)[number];

/** What a transition does beside changing the status; in its unit of work. */
type OrderEffect = 'consume the reservation' | 'release the reservation' | 'restock the items' | 'return the money';

/** What the guards of transitions know of an order. */
export interface OrderFacts {
  paymentStatus: string;
  /** Whether the payments cover the total, or there is nothing to pay. */
  isCovered: boolean;
  /** How many units of the items are sent. */
  fulfilledUnits: number;
  /** How many are left to send: neither sent, nor was their money paid back. */
  openUnits: number;
}

/** One row of the table: what happens to an order of a status by an action. */
export interface Transition {
  from: OrderStatus;
  action: OrderAction;
  to: OrderStatus;
  /** What must hold, in words; null where the status is enough. */
  condition: string | null;
  /** Whether that holds. */
  guard: (facts: OrderFacts) => boolean;
  effects: readonly OrderEffect[];
}

const always = (): boolean => true;

/** All that can happen to an order. What is not in it is refused. `docs/orders.md` is drawn from it. */
export const TRANSITIONS: readonly Transition[] = [
  {
    from: 'pending',
    action: 'confirm',
    to: 'confirmed',
    condition: 'its payments cover the total, or the total is 0',
    guard: ({ isCovered }) => isCovered,
    effects: ['consume the reservation'],
  },
  {
    from: 'pending',
    action: 'expire',
    to: 'expired',
    condition: 'no payment is unresolved',
    guard: ({ paymentStatus }) => paymentStatus !== 'unresolved',
    effects: ['release the reservation', 'return the money'],
  },
  {
    from: 'pending',
    action: 'cancel',
    to: 'cancelled',
    condition: null,
    guard: always,
    effects: ['release the reservation', 'return the money'],
  },
  {
    from: 'confirmed',
    action: 'cancel',
    to: 'cancelled',
    condition: 'nothing of it is sent',
    guard: ({ fulfilledUnits }) => fulfilledUnits === 0,
    effects: ['restock the items', 'return the money'],
  },
  {
    from: 'confirmed',
    action: 'fulfill',
    to: 'confirmed',
    condition: 'units are left to send',
    guard: ({ openUnits }) => openUnits > 0,
    effects: [],
  },
  {
    from: 'confirmed',
    action: 'complete',
    to: 'completed',
    condition: 'no unit is left to send',
    guard: ({ openUnits }) => openUnits === 0,
    effects: [],
  },
];

/** The transition of an order by an action; undefined when the action is not allowed now. */
export const transitionOf = (status: OrderStatus, action: OrderAction, facts: OrderFacts): Transition | undefined =>
  TRANSITIONS.find(
    (transition) => transition.from === status && transition.action === action && transition.guard(facts),
  );

/** What is allowed of an order now, in the order of {@link ORDER_ACTIONS}. */
export const allowedActions = (status: OrderStatus, facts: OrderFacts): OrderAction[] =>
  ORDER_ACTIONS.filter((action) => transitionOf(status, action, facts));
