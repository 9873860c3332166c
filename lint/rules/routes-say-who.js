import { isDecorated } from '../decorators.js';
import { ROUTES } from '../routes.js';

const ACCESS = new Set(['Public', 'SignedIn', 'Owner', 'Permit']);

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'A route says who may call it.' },
    schema: [],
    messages: {
      silent:
        '{{name}}() does not say who may call it, so everybody gets 403: put @Permit(…), @Owner(…), @SignedIn() or @Public() on it, or on the controller.',
    },
  },
  create: (context) => ({
    MethodDefinition(method) {
      if (!isDecorated(method, ROUTES) || isDecorated(method, ACCESS)) return;
      if (isDecorated(method.parent.parent, ACCESS)) return;
      context.report({ node: method.key, messageId: 'silent', data: { name: context.sourceCode.getText(method.key) } });
    },
  }),
};
