package dev.howdah.host.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes secrets out of payloads before they are written: Secrets down to their names, the values of
 * environment variables, values under names that mean a secret, and secrets inside texts
 * (connection strings, SQL, tokens, private keys, JSON in annotations). Immutable and thread-safe.
 *
 * <p>It can only know what it recognises: a password under an innocent name stays, unless a rule
 * names the place.
 */
public final class Redactor {

  /** What stands in place of a removed value. */
  public static final String MARK = "[redacted]";

  private static final int DEEPEST = 200;

  private static final Set<String> SECRET_WORDS =
      Set.of(
          "password",
          "passwords",
          "passwd",
          "pwd",
          "passphrase",
          "secret",
          "secrets",
          "token",
          "tokens",
          "credential",
          "credentials",
          "authorization",
          "cookie",
          "pgpass",
          "pgpassword",
          "apikey",
          "accesskey",
          "secretkey",
          "privatekey",
          "dsn",
          "jwt",
          "sas");

  private static final Set<String> QUALIFIED_KEYS =
      Set.of(
          "api key",
          "access key",
          "secret key",
          "private key",
          "account key",
          "encryption key",
          "signing key",
          "shared key",
          "storage key",
          "master key",
          "access id",
          "connection string",
          "connection uri",
          "connection url",
          "conn info");

  /** Names that end like a secret but hold the name of one. */
  private static final Set<String> NAMES_OF_SECRETS =
      Set.of(
          "servercasecret",
          "servertlssecret",
          "clientcasecret",
          "replicationtlssecret",
          "existingsecret");

  /*
   * Whoever writes a Cluster chooses these texts, so no pattern may take more than linear time:
   * each begins with something fixed, and every repetition is bounded.
   */
  private static final Pattern URI_PASSWORD =
      Pattern.compile("(://[^\\s/@:'\"]{0,256}):[^\\s'\"]{1,1024}@");
  private static final Pattern ASSIGNED =
      Pattern.compile(
          "(?i)((?:password|passwd|passphrase|pwd|secret[_-]?key|access[_-]?key|api[_-]?key"
              + "|account[_-]?key|token|secret|\\bsig)\\s{0,8}[=:]\\s{0,8})"
              + "(?:'(?:[^'\\\\]++|\\\\.|''){0,200}+'?|\"(?:[^\"\\\\]++|\\\\.){0,200}+\"?"
              + "|[^\\s&;,'\"]++)");
  private static final Pattern SQL_PASSWORD =
      Pattern.compile(
          "(?is)(\\bpassword\\s{1,8})"
              + "(?:E?'(?:[^']++|''){0,200}+'?|\\$([a-z_]{0,32})\\$.{0,1024}?\\$\\2\\$)");
  private static final Pattern FLAG_PASSWORD =
      Pattern.compile("(?i)(--[a-z0-9-]{0,64}(?:password|token|secret|key)\\s{1,8})\\S++");
  private static final Pattern BEARER =
      Pattern.compile("(?i)\\b((?:bearer|basic)\\s{1,8})[A-Za-z0-9._~+/=-]{8,}+");
  private static final Pattern JWT =
      Pattern.compile(
          "\\beyJ[A-Za-z0-9_-]{8,1024}+\\.[A-Za-z0-9_-]{4,4096}+(?:\\.[A-Za-z0-9_-]*+)?");
  private static final Pattern PRIVATE_KEY =
      Pattern.compile(
          "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?"
              + "(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\\z)",
          Pattern.DOTALL);
  private static final Pattern KNOWN_TOKENS =
      Pattern.compile(
          "\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b|\\bgh[pousr]_[A-Za-z0-9]{20,255}+"
              + "|\\bxox[abprs]-[A-Za-z0-9-]{10,255}+|\\bAIza[A-Za-z0-9_-]{30,64}+");
  private static final Pattern WORD = Pattern.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+");

  private final List<RedactionRule> rules;
  private final byte[] hashKey;

  /**
   * Makes a redactor.
   *
   * @param rules asked before the built-in ones; the first that matches wins
   * @param hashKey keys the digests of {@link RedactionRule.Action#HASH}; not empty
   */
  public Redactor(List<RedactionRule> rules, byte[] hashKey) {
    this.rules = List.copyOf(rules);
    this.hashKey = hashKey.clone();
  }

  /**
   * Redacts a payload.
   *
   * @param payload any JSON; not changed
   * @return a redacted copy
   */
  public JsonNode redact(JsonNode payload) {
    return walk(payload, new ArrayList<>(), false);
  }

  /** Redacts one value that stands at a place. */
  JsonNode redactAt(JsonNode value, List<String> path) {
    int size = path.size();
    boolean valueOfEnvironment =
        size >= 3 && path.get(size - 3).equals("env") && path.getLast().equals("value");
    boolean oneOfSecrets = size >= 2 && !value.isContainer() && namesSecret(path.get(size - 2));
    if ((valueOfEnvironment || oneOfSecrets) && ruleFor(path) != RedactionRule.Action.KEEP) {
      return JsonNodeFactory.instance.stringNode(MARK);
    }
    return walk(value, new ArrayList<>(path), insideEnvironment(path));
  }

  /** Redacts a text that isn't JSON, such as a message. */
  String redactText(String text) {
    String result = PRIVATE_KEY.matcher(text).replaceAll(Matcher.quoteReplacement(MARK));
    result = URI_PASSWORD.matcher(result).replaceAll("$1:" + Matcher.quoteReplacement(MARK) + "@");
    result = SQL_PASSWORD.matcher(result).replaceAll("$1" + Matcher.quoteReplacement(MARK));
    result = ASSIGNED.matcher(result).replaceAll("$1" + Matcher.quoteReplacement(MARK));
    result = FLAG_PASSWORD.matcher(result).replaceAll("$1" + Matcher.quoteReplacement(MARK));
    result = BEARER.matcher(result).replaceAll("$1" + Matcher.quoteReplacement(MARK));
    result = JWT.matcher(result).replaceAll(Matcher.quoteReplacement(MARK));
    return KNOWN_TOKENS.matcher(result).replaceAll(Matcher.quoteReplacement(MARK));
  }

  private JsonNode walk(JsonNode node, List<String> path, boolean environment) {
    if (path.size() > DEEPEST) {
      return JsonNodeFactory.instance.stringNode(MARK);
    }
    if (isSecret(node)) {
      return nameOnly(node);
    }
    RedactionRule.Action action = ruleFor(path);
    if (action == RedactionRule.Action.REMOVE) {
      return JsonNodeFactory.instance.stringNode(MARK);
    }
    if (action == RedactionRule.Action.HASH) {
      return JsonNodeFactory.instance.stringNode(hash(node));
    }
    boolean keep = action == RedactionRule.Action.KEEP;
    return switch (node.getNodeType()) {
      case OBJECT -> object((ObjectNode) node, path, environment);
      case ARRAY -> array((ArrayNode) node, path);
      case STRING -> keep ? node : string(node.stringValue(), path);
      case NUMBER ->
          !keep && !path.isEmpty() && namesSecret(path.getLast())
              ? JsonNodeFactory.instance.stringNode(MARK)
              : node;
      case BOOLEAN, NULL, MISSING -> node;
      case BINARY, POJO -> JsonNodeFactory.instance.stringNode(MARK);
    };
  }

  private JsonNode object(ObjectNode node, List<String> path, boolean environment) {
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      path.add(field.getKey());
      boolean value = environment && field.getKey().equals("value");
      JsonNode redacted =
          value && ruleFor(path) != RedactionRule.Action.KEEP
              ? JsonNodeFactory.instance.stringNode(MARK)
              : walk(field.getValue(), path, false);
      copy.set(field.getKey(), redacted);
      path.removeLast();
    }
    return copy;
  }

  private JsonNode array(ArrayNode node, List<String> path) {
    ArrayNode copy = JsonNodeFactory.instance.arrayNode();
    boolean environment = !path.isEmpty() && path.getLast().equals("env");
    boolean secrets = !path.isEmpty() && namesSecret(path.getLast());
    int index = 0;
    for (JsonNode element : node) {
      path.add(String.valueOf(index++));
      copy.add(
          secrets && element.isString()
              ? JsonNodeFactory.instance.stringNode(MARK)
              : walk(element, path, environment));
      path.removeLast();
    }
    return copy;
  }

  private JsonNode string(String text, List<String> path) {
    if (!path.isEmpty() && namesSecret(path.getLast()) && !text.isEmpty()) {
      return JsonNodeFactory.instance.stringNode(MARK);
    }
    return JsonNodeFactory.instance.stringNode(
        nested(text, path).orElseGet(() -> redactText(text)));
  }

  /**
   * JSON inside a text, as in the annotations that hold a Pod's spec or the last applied object.
   */
  private Optional<String> nested(String text, List<String> path) {
    String trimmed = text.strip();
    if (!(trimmed.startsWith("{") && trimmed.endsWith("}"))
        && !(trimmed.startsWith("[") && trimmed.endsWith("]"))) {
      return Optional.empty();
    }
    try {
      JsonNode inner = CanonicalJson.MAPPER.readTree(trimmed);
      path.add("");
      JsonNode redacted = walk(inner, path, false);
      path.removeLast();
      return Optional.of(
          redacted.equals(inner) ? text : CanonicalJson.MAPPER.writeValueAsString(redacted));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private RedactionRule.@Nullable Action ruleFor(List<String> path) {
    for (RedactionRule rule : rules) {
      if (rule.matches(path)) {
        return rule.action();
      }
    }
    return null;
  }

  private static boolean isSecret(JsonNode node) {
    return node.isObject()
        && (node.path("kind").asString("").equals("Secret")
            || node.has("stringData")
            || (node.path("type").asString("").startsWith("kubernetes.io/") && node.has("data")));
  }

  private static JsonNode nameOnly(JsonNode secret) {
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    for (String field : List.of("apiVersion", "kind")) {
      if (secret.path(field).isString()) {
        copy.set(field, secret.path(field));
      }
    }
    ObjectNode metadata = JsonNodeFactory.instance.objectNode();
    for (String field : List.of("namespace", "name")) {
      if (secret.path("metadata").path(field).isString()) {
        metadata.set(field, secret.path("metadata").path(field));
      }
    }
    copy.set("metadata", metadata);
    return copy;
  }

  static boolean namesSecret(String name) {
    String squeezed = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    if (NAMES_OF_SECRETS.contains(squeezed)) {
      return false;
    }
    List<String> words = words(name);
    if (words.isEmpty()) {
      return false;
    }
    String last = words.getLast();
    if (SECRET_WORDS.contains(last) || SECRET_WORDS.contains(squeezed)) {
      return true;
    }
    return words.size() > 1 && QUALIFIED_KEYS.contains(words.get(words.size() - 2) + " " + last);
  }

  private static List<String> words(String name) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(name);
    while (matcher.find()) {
      String word = matcher.group().toLowerCase(Locale.ROOT);
      if (!Character.isDigit(word.charAt(0))) {
        words.add(word);
      }
    }
    return words;
  }

  private static boolean insideEnvironment(List<String> path) {
    int size = path.size();
    return size >= 2 && path.get(size - 2).equals("env");
  }

  private String hash(JsonNode node) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(hashKey, "HmacSHA256"));
      byte[] digest =
          mac.doFinal(
              CanonicalJson.MAPPER.writeValueAsString(node).getBytes(StandardCharsets.UTF_8));
      return "[hash:" + HexFormat.of().formatHex(digest, 0, 16) + "]";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java has no HMAC with SHA-256.", e);
    }
  }
}
