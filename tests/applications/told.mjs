// What the test tells an application about the provider, itself and its agent.

export const told = JSON.parse(process.env.APPLICATION);
