// What the test tells an application of the provider, of itself and of its agent.

export const told = JSON.parse(process.env.APPLICATION);
