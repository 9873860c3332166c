import { isDecorated } from '../decorators.js';
import { ROUTES } from '../routes.js';

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'A list is answered page by page.' },
    schema: [],
    messages: {
      whole:
        '{{name}}() answers a whole list, which grows with the shop: answer a page (class NotePage extends PageOf(NoteDto), read by Pages.read(…)).',
    },
  },
  create: (context) => ({
    MethodDefinition(method) {
      if (!isDecorated(method, ROUTES)) return;
      const type = promised(method.value.returnType?.typeAnnotation);
      if (isList(type))
        context.report({ node: type, messageId: 'whole', data: { name: context.sourceCode.getText(method.key) } });
    },
  }),
};

/** What a promise (or an observable) of a type brings; the type itself when it is none. */
const promised = (type) =>
  type?.type === 'TSTypeReference' && /^(Promise|Observable)$/.test(type.typeName.name)
    ? promised(type.typeArguments?.params[0])
    : type;

const isList = (type) =>
  type?.type === 'TSArrayType' ||
  (type?.type === 'TSTypeOperator' && isList(type.typeAnnotation)) ||
  (type?.type === 'TSTypeReference' && /^(Array|ReadonlyArray|Iterable|Set)$/.test(type.typeName.name));
