export const hasToken = (answer: unknown): boolean =>
  typeof answer === "object" && answer !== null && "authToken" in answer && typeof answer.authToken === "string"
