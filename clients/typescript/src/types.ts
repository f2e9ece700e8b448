// The types of a call, from the generated types of its path.

import type { paths as Paths } from './api.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The paths that have this method. */
export type PathWith<M extends Method> = {
  [P in keyof Paths]: Paths[P] extends { [K in M]: object } ? P : never;
}[keyof Paths];

/** What a method of a path takes and returns. */
type Operation<M extends Method, P extends keyof Paths> = Paths[P] extends { [K in M]: infer O } ? O : never;

/** What is there; nothing if it is not. */
type Given<T> = [T] extends [never] ? unknown : T;
type Body<O> = O extends { requestBody?: infer R } ? (Given<NonNullable<R>> extends { content: { 'application/json': infer B } } ? B : unknown) : unknown;
type Path<O> = O extends { parameters: { path: infer P } } ? Given<P> : unknown;
type Query<O> = O extends { parameters: { query?: infer Q } } ? Given<NonNullable<Q>> : unknown;

/** The body, the query and the parameters of the path, in one object. */
export type Input<M extends Method, P extends keyof Paths> = Body<Operation<M, P>> & Path<Operation<M, P>> & Query<Operation<M, P>>;

type Json<R> = R extends { content: { 'application/json': infer J } } ? J : undefined;
type Success = 200 | 201 | 202 | 204;

/** The body of a successful response; undefined if it has none. */
export type Answer<M extends Method, P extends keyof Paths> =
  Operation<M, P> extends { responses: infer R } ? { [S in keyof R & Success]: Json<R[S]> }[keyof R & Success] : never;

type CodeOf<O> = O extends { responses: { default: { content: { 'application/problem+json': { code: infer C } } } } } ? C : never;

/** The codes of the problems that a call can have. */
export type Code<M extends Method, P extends keyof Paths> = CodeOf<Operation<M, P>>;

/** The codes of all problems; later versions of the service may add some. */
export type ProblemCode = NonNullable<{ [P in keyof Paths]: { [M in keyof Paths[P]]: CodeOf<Paths[P][M]> }[keyof Paths[P]] }[keyof Paths]>;
