/** What of ESTree the reasons are read from. @see https://github.com/estree/estree */
export type Node = Expression | Statement | Pattern | OtherNode;

/** A node that nothing here looks into. */
export interface OtherNode {
  readonly type: 'Other';
}

interface Named<T extends string> {
  readonly type: T;
}

export interface Identifier extends Named<'Identifier'> {
  readonly name: string;
}

export interface Literal extends Named<'Literal'> {
  readonly value: unknown;
}

export interface TemplateLiteral extends Named<'TemplateLiteral'> {
  readonly quasis: readonly { readonly value: { readonly cooked: string | null } }[];
  readonly expressions: readonly Expression[];
}

export interface MemberExpression extends Named<'MemberExpression'> {
  readonly object: Expression;
  readonly property: Expression;
  readonly computed: boolean;
}

export interface CallExpression extends Named<'CallExpression' | 'NewExpression'> {
  readonly callee: Expression;
  readonly arguments: readonly (Expression | SpreadElement)[];
}

export interface SpreadElement extends Named<'SpreadElement'> {
  readonly argument: Expression;
}

export interface Property extends Named<'Property'> {
  readonly key: Expression;
  readonly value: Expression;
  readonly computed: boolean;
}

export interface ObjectExpression extends Named<'ObjectExpression'> {
  readonly properties: readonly (Property | SpreadElement)[];
}

export interface ArrayExpression extends Named<'ArrayExpression'> {
  readonly elements: readonly (Expression | SpreadElement | null)[];
}

export interface FunctionNode extends Named<'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression'> {
  readonly id?: Identifier | null;
  readonly params: readonly Pattern[];
  readonly body: BlockStatement | Expression | null;
}

/** Nodes that stand for what they hold: `await x`, `x?.y`, `x as T`, `(x)`. */
export interface Wrapper
  extends Named<
    | 'AwaitExpression'
    | 'ChainExpression'
    | 'TSAsExpression'
    | 'TSSatisfiesExpression'
    | 'TSNonNullExpression'
    | 'ParenthesizedExpression'
  > {
  readonly argument?: Expression;
  readonly expression?: Expression;
}

export interface BinaryExpression extends Named<'BinaryExpression'> {
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
}

export interface LogicalExpression extends Named<'LogicalExpression'> {
  readonly operator: '&&' | '||' | '??';
  readonly left: Expression;
  readonly right: Expression;
}

export interface ConditionalExpression extends Named<'ConditionalExpression'> {
  readonly test: Expression;
  readonly consequent: Expression;
  readonly alternate: Expression;
}

export interface UnaryExpression extends Named<'UnaryExpression' | 'UpdateExpression'> {
  readonly operator: string;
  readonly argument: Expression;
}

export interface AssignmentExpression extends Named<'AssignmentExpression'> {
  readonly operator: string;
  readonly left: Pattern | MemberExpression;
  readonly right: Expression;
}

export type Expression =
  | Identifier
  | Literal
  | TemplateLiteral
  | MemberExpression
  | CallExpression
  | ObjectExpression
  | ArrayExpression
  | FunctionNode
  | Wrapper
  | BinaryExpression
  | LogicalExpression
  | ConditionalExpression
  | UnaryExpression
  | AssignmentExpression
  | ClassNode
  | OtherNode;

export interface ObjectPattern extends Named<'ObjectPattern'> {
  readonly properties: readonly (PatternProperty | RestElement)[];
}

export interface PatternProperty extends Named<'Property'> {
  readonly key: Expression;
  readonly value: Pattern;
  readonly computed: boolean;
}

export interface RestElement extends Named<'RestElement'> {
  readonly argument: Pattern;
}

export interface ArrayPattern extends Named<'ArrayPattern'> {
  readonly elements: readonly (Pattern | null)[];
}

export interface AssignmentPattern extends Named<'AssignmentPattern'> {
  readonly left: Pattern;
  readonly right: Expression;
}

export type Pattern = Identifier | ObjectPattern | ArrayPattern | AssignmentPattern | RestElement;

export interface BlockStatement extends Named<'BlockStatement'> {
  readonly body: readonly Statement[];
}

export interface VariableDeclaration extends Named<'VariableDeclaration'> {
  readonly declarations: readonly { readonly id: Pattern; readonly init: Expression | null }[];
}

export interface IfStatement extends Named<'IfStatement'> {
  readonly test: Expression;
  readonly consequent: Statement;
  readonly alternate: Statement | null;
}

export interface SwitchStatement extends Named<'SwitchStatement'> {
  readonly discriminant: Expression;
  readonly cases: readonly { readonly test: Expression | null; readonly consequent: readonly Statement[] }[];
}

export interface LoopStatement
  extends Named<'ForStatement' | 'WhileStatement' | 'DoWhileStatement' | 'ForOfStatement' | 'ForInStatement'> {
  readonly body: Statement;
  readonly left?: VariableDeclaration | Pattern;
  readonly right?: Expression;
  readonly init?: VariableDeclaration | Expression | null;
}

export interface TryStatement extends Named<'TryStatement'> {
  readonly block: BlockStatement;
  readonly handler: { readonly param: Pattern | null; readonly body: BlockStatement } | null;
  readonly finalizer: BlockStatement | null;
}

export interface LeavingStatement extends Named<'ReturnStatement' | 'ThrowStatement'> {
  readonly argument: Expression | null;
}

export interface ClassNode extends Named<'ClassDeclaration' | 'ClassExpression'> {
  readonly id: Identifier | null;
}

export interface ExpressionStatement extends Named<'ExpressionStatement'> {
  readonly expression: Expression;
}

export interface JumpStatement extends Named<'BreakStatement' | 'ContinueStatement'> {
  readonly label: Identifier | null;
}

export interface ImportDeclaration extends Named<'ImportDeclaration'> {
  readonly source: { readonly value: string };
  readonly specifiers: readonly (
    | { readonly type: 'ImportSpecifier'; readonly imported: Identifier; readonly local: Identifier }
    | { readonly type: 'ImportNamespaceSpecifier' | 'ImportDefaultSpecifier'; readonly local: Identifier }
  )[];
}

export interface ExportNamedDeclaration extends Named<'ExportNamedDeclaration'> {
  readonly declaration: Statement | null;
}

export type Statement =
  | BlockStatement
  | VariableDeclaration
  | IfStatement
  | SwitchStatement
  | LoopStatement
  | TryStatement
  | LeavingStatement
  | JumpStatement
  | FunctionNode
  | ClassNode
  | ExpressionStatement
  | ImportDeclaration
  | ExportNamedDeclaration
  | OtherNode;
