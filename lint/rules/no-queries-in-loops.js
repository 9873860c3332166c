const STATEMENTS = new Set(['run', 'queryShared']);
/** Loops over the items of something. Others, and those over a stream, go on batch by batch until nothing is left. */
const LOOPS = new Set(['ForOfStatement', 'ForInStatement']);
const PER_ITEM = new Set(['map', 'flatMap', 'forEach', 'reduce', 'filter', 'some', 'every', 'find']);
/** TypeORM's, and the features' own: `NotesRepository`. */
const REPOSITORIES = /^EntityManager$|Repository$/;

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'A list costs the same number of statements however long it is.' },
    schema: [],
    messages: {
      repeated:
        '{{name}}() asks the database once for each item, so a long list takes long: read or write all of them with one statement (= ANY (…), unnest(…), jsonb_to_recordset(…), a join).',
    },
  },
  create(context) {
    /** Members of classes in this file that are repositories. */
    const repositories = new Set();
    /** Calls that stand in a loop: found first, judged when the whole file is known. */
    const calls = [];
    /** The names of methods, and what they call. */
    const methods = new Map();
    return {
      'TSParameterProperty > Identifier'({ name, typeAnnotation }) {
        const type = typeAnnotation?.typeAnnotation;
        if (type?.type === 'TSTypeReference' && REPOSITORIES.test(type.typeName.name)) repositories.add(name);
      },
      CallExpression(node) {
        const method = methodAround(node);
        const called = calledBy(node);
        if (!called) return;
        if (method) methods.set(method, [...(methods.get(method) ?? []), called]);
        if (isRepeated(node)) calls.push({ node, called });
      },
      'Program:exit'() {
        const asks = ({ statement, repository, method }, seen = new Set()) => {
          if (statement || (repository && repositories.has(repository))) return true;
          if (!method || seen.has(method)) return false;
          return (methods.get(method) ?? []).some((next) => asks(next, new Set([...seen, method])));
        };
        for (const { node, called } of calls) {
          if (!asks(called)) continue;
          const name = called.statement ?? called.method ?? called.member;
          context.report({ node, messageId: 'repeated', data: { name } });
        }
      },
    };
  },
};

/** What a call asks: a statement, a repository (`this.notes.find()`), or a method of the same class (`this.read()`). */
function calledBy({ callee }) {
  if (callee.type === 'Identifier') return STATEMENTS.has(callee.name) ? { statement: callee.name } : undefined;
  if (callee.type !== 'MemberExpression') return undefined;
  const { object, property } = callee;
  if (object.type === 'ThisExpression') return { method: property.name };
  if (object.type === 'MemberExpression' && object.object.type === 'ThisExpression')
    return { repository: object.property.name, member: property.name };
  return undefined;
}

const methodAround = (node) => {
  for (let parent = node.parent; parent; parent = parent.parent)
    if (parent.type === 'MethodDefinition') return parent.key.name;
  return undefined;
};

/** Whether a node is evaluated once for each item of something. */
function isRepeated(node) {
  for (let child = node, parent = node.parent; parent; child = parent, parent = parent.parent) {
    // what a loop goes over is evaluated once
    if (LOOPS.has(parent.type) && !parent.await && parent.right !== child) return true;
    if (
      parent.type === 'CallExpression' &&
      parent.callee.type === 'MemberExpression' &&
      PER_ITEM.has(parent.callee.property.name) &&
      parent.arguments.includes(child) &&
      /Function/.test(child.type)
    )
      return true;
    if (parent.type === 'MethodDefinition') return false;
  }
  return false;
}
