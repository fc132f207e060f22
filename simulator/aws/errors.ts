/** A service's modelled error: `name` is its code on the wire, such as `ParameterNotFound`. */
export class AwsError extends Error {
  readonly statusCode: number;

  constructor(name: string, message: string, statusCode = 400) {
    super(message);
    this.name = name;
    this.statusCode = statusCode;
  }
}
