const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'Work that outlives its caller is a job.' },
    schema: [],
    messages: {
      timer:
        '{{name}}() begins work that is lost when the process ends, and that each process does: enqueue a job (jobs.enqueue(…) with runAt) or schedule one (jobs.schedule(…)).',
      unawaited:
        'What nobody waits for is lost when the process ends, and so is its failure: await it, enqueue a job (jobs.enqueue(…)), or start it by BackgroundWork if it may be lost.',
    },
  },
  create(context) {
    return {
      CallExpression(node) {
        const name = timerOf(node.callee);
        if (name !== undefined && !isAwaitedPause(node)) context.report({ node, messageId: 'timer', data: { name } });
      },
      'ExpressionStatement > UnaryExpression[operator="void"] > :matches(CallExpression, ChainExpression)'(node) {
        context.report({ node, messageId: 'unawaited' });
      },
    };
  },
};

/** The name of the timer that is called: `setTimeout`, also of `globalThis`. */
function timerOf(callee) {
  const name =
    callee.type === 'MemberExpression' && callee.object.name === 'globalThis' ? callee.property.name : callee.name;
  return TIMERS.has(name) ? name : undefined;
}

/** Whether the caller waits: `await new Promise((resolve) => setTimeout(resolve, 200))`, or a timer of node:timers/promises. */
function isAwaitedPause(node) {
  for (let { parent } = node, child = node; parent; child = parent, { parent } = parent) {
    if (parent.type === 'AwaitExpression') return child === node || child.type === 'NewExpression';
    if (/Statement|Declaration/.test(parent.type) && parent.type !== 'BlockStatement') return false;
  }
  return false;
}
