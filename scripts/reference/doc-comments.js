import { readFileSync } from 'node:fs';
import ts from 'typescript';

/**
 * The doc comments of the members of an interface or of an object, by name, in their order.
 * Throws when a member has none: the reference must not have holes.
 */
export function docComments(file, container) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
  const members = membersOf(source, container);
  if (members === undefined) throw new Error(`${file} has no ${container}`);
  return new Map(members.map((member) => [member.name.getText(), commentOf(member, `${file}: ${container}`)]));
}

function membersOf(source, container) {
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === container) return statement.members;
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (name.getText() !== container || initializer === undefined) continue;
      return (ts.isAsExpression(initializer) ? initializer.expression : initializer).properties;
    }
  }
  return undefined;
}

function commentOf(member, place) {
  const comment = ts.getJSDocCommentsAndTags(member).at(-1)?.comment;
  if (comment === undefined) throw new Error(`${place}.${member.name.getText()} has no doc comment`);
  // Marks of clauses and limits are for readers of the code.
  return ts
    .getTextOfJSDocComment(comment)
    .replace(/\s*\[L\d[^\]]*\]/g, '')
    .replace(/\s+/g, ' ');
}
