/** Thin readers of AWS, with the client options that keep a dead endpoint from eating the invocation. */
export { CLIENT_OPTIONS, naming } from '../shared/aws/client.ts';
export {
  describeServiceDeployment,
  describeServiceRevisions,
  describeTaskDefinition,
  ecs,
  sourceRevisionArns,
} from '../shared/aws/ecs.ts';
export {
  createParameter,
  type Leftovers,
  type ParameterText,
  putParameter,
  removeLeftovers,
} from '../shared/aws/parameters.ts';
export { readParameter, ssm } from '../shared/aws/ssm.ts';
