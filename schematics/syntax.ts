import ts from 'typescript';

/** The file as a tree of nodes, each of which knows its parent. */
export const parsed = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

/** The nodes below another one that pass a test, in the order of the text. */
export function nodesBelow<N extends ts.Node>(root: ts.Node, test: (node: ts.Node) => node is N): N[] {
  const found: N[] = [];
  const visit = (node: ts.Node): void => {
    if (test(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}
