import ts from 'typescript';
import { isDecorated } from '../decorators.js';

const INPUTS = new Set(['Body', 'Query']);
/** The rules that bound a text, by themselves. */
const TEXT_BOUNDS =
  /^(MaxLength|Length|IsUUID|IsIn|IsEnum|IsEmail|IsEmailAddress|IsBoolean|Equals|IsISO4217CurrencyCode|IsDateTime|IsISO8601|IsRFC3339|Is[A-Z]\w*Code)$/;
const LIST_BOUNDS = /^(ArrayMaxSize|ArrayLength)$/;

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'What comes in is validated member by member, and bounded. Needs types.' },
    schema: [],
    messages: {
      unchecked:
        '{{dto}}.{{member}} has no rule, so it is refused as unknown or taken unseen: give it its rules (@IsString() @MaxLength(200), @IsInt() @Min(0), …).',
      text: '{{dto}}.{{member}} is a text of any length: give it @MaxLength(…), @IsIn(…), @IsUUID() or a rule of common/ that bounds it.',
      list: '{{dto}}.{{member}} is a list of any length: give it @ArrayMaxSize(…).',
    },
  },
  create(context) {
    const { parserServices } = context.sourceCode;
    if (!context.filename.endsWith('.controller.ts') || !parserServices?.program) return {};
    const checker = parserServices.program.getTypeChecker();
    return {
      'MethodDefinition > FunctionExpression'({ params }) {
        for (const param of params) {
          if (!isDecorated(param, INPUTS)) continue;
          const type = checker.getTypeAtLocation(parserServices.esTreeNodeToTSNodeMap.get(param));
          for (const fault of faultsOf(type, checker)) context.report({ node: param, ...fault });
        }
      },
    };
  },
};

/** What is wrong with the members of a DTO, those that it inherits and those of its members' DTOs too. */
function faultsOf(type, checker, seen = new Set()) {
  if (seen.has(type)) return [];
  seen.add(type);
  return type.getProperties().flatMap((member) => {
    const declaration = member.valueDeclaration;
    if (!declaration || !ts.isPropertyDeclaration(declaration)) return [];
    const rules = (ts.getDecorators(declaration) ?? []).map(({ expression }) =>
      (ts.isCallExpression(expression) ? expression.expression : expression).getText(),
    );
    const valueType = checker.getNonNullableType(checker.getTypeOfSymbol(member));
    const isList = checker.isArrayType(valueType);
    const items = isList ? checker.getTypeArguments(valueType)[0] : valueType;
    const messageId = faultOf(rules, isList, items);
    const dto = declaration.parent.name?.getText() ?? 'A DTO';
    const own = messageId ? [{ messageId, data: { dto, member: member.name } }] : [];
    return items?.isClass() ? [...own, ...faultsOf(items, checker, seen)] : own;
  });
}

function faultOf(rules, isList, type) {
  if (rules.length === 0) return 'unchecked';
  // a list of different values out of a few is bounded by them
  const isBounded =
    rules.some((rule) => LIST_BOUNDS.test(rule)) || (rules.includes('ArrayUnique') && rules.includes('IsIn'));
  if (isList && !isBounded) return 'list';
  const isText = type !== undefined && (type.flags & ts.TypeFlags.String) !== 0;
  return isText && !rules.some((rule) => TEXT_BOUNDS.test(rule)) ? 'text' : undefined;
}
