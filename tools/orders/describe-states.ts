import { ORDER_ACTIONS, ORDER_STATUSES, type OrderStatus, type Transition } from '../../src/orders/orders.machine.js';

const HEAD = `# The states of an order

What can happen to an order. Written by \`npm run order-states\` from the table in \`src/orders/orders.machine.ts\`;
\`npm run order-states -- --check\` fails when it is out of date. What the table does not have is refused with 409
\`order-action-not-allowed\`, which names what is allowed.
`;

/** The page of the docs that draws the state machine of orders: as a diagram, as a table, and what is allowed in each status. */
export function describeStates(transitions: readonly Transition[]): string {
  return [HEAD, diagramOf(transitions), tableOf(transitions), allowedOf(transitions)].join('\n');
}

function diagramOf(transitions: readonly Transition[]): string {
  const ends = ORDER_STATUSES.filter((status) => !transitions.some(({ from }) => from === status));
  return [
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> pending',
    ...transitions.map(({ from, action, to }) => `  ${from} --> ${to}: ${action}`),
    ...ends.map((status) => `  ${status} --> [*]`),
    '```',
    '',
  ].join('\n');
}

function tableOf(transitions: readonly Transition[]): string {
  const rows = transitions.map(
    ({ from, action, to, condition, effects }) =>
      `| ${from} | ${action} | ${to} | ${condition ?? ''} | ${effects.join('; ')} |`,
  );
  return ['| status | action | next status | if | also |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

function allowedOf(transitions: readonly Transition[]): string {
  const actionsOf = (status: OrderStatus): string =>
    ORDER_ACTIONS.filter((action) => transitions.some((one) => one.from === status && one.action === action)).join(
      ', ',
    ) || 'nothing: the status is final';
  return [
    'What can be done with an order:',
    '',
    ...ORDER_STATUSES.map((one) => `- ${one}: ${actionsOf(one)}`),
    '',
  ].join('\n');
}
