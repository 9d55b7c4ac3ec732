// The floor: the least that a Worker in JavaScript can do.
export default {
  fetch() {
    return new Response("ok");
  },
};
