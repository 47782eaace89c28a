package dev.howdah.host.listen;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Answers the requests of an {@link HttpsListener}. */
@FunctionalInterface
public interface HttpsExchange {

  /**
   * Answers one request. Called on a network thread: must not block.
   *
   * @param request the whole request
   * @return the answer, at some time; a failed stage is answered 500
   */
  CompletionStage<Response> answer(Request request);

  /**
   * A request.
   *
   * @param method such as {@code POST}
   * @param path without the query
   * @param query what follows the question mark, undecoded; empty if nothing does
   * @param contentType the header; empty if there is none
   * @param body the whole body
   * @param client who sent it: the subject of its certificate if it had to show one, else its
   *     address without the port
   */
  record Request(
      String method, String path, String query, String contentType, byte[] body, String client) {}

  /**
   * An answer.
   *
   * @param status HTTP status code
   * @param contentType of the body
   * @param headers further headers
   * @param body the body
   */
  record Response(int status, String contentType, Map<String, String> headers, byte[] body) {

    /** JSON with status 200. */
    public static Response json(byte[] body) {
      return new Response(200, "application/json", Map.of(), body);
    }

    /** One line for whoever looks why. */
    public static Response text(int status, String line) {
      return new Response(
          status,
          "text/plain; charset=utf-8",
          Map.of(),
          (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The same with one more header. */
    public Response with(String name, String value) {
      return new Response(status, contentType, Map.of(name, value), body);
    }
  }
}
