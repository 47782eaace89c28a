package dev.howdah.plugins.objectstore.store;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A bucket of Amazon S3 or of a service that speaks its protocol.
 *
 * <p>Connections are kept alive and shared by all callers. Checksums that the protocol doesn't
 * require are left out for own endpoints, since many services refuse them.
 */
public final class S3Store implements Store {

  private static final int DELETE_BATCH = 1000;

  private final S3Client client;
  private final S3Settings settings;
  private final String root;
  private final S3Failures failures;
  private final S3Writer writer;

  private S3Store(S3Client client, S3Settings settings) {
    this.client = client;
    this.settings = settings;
    this.root = settings.path().isEmpty() ? "" : settings.path() + "/";
    this.failures = new S3Failures(settings, location());
    this.writer = new S3Writer(this, client, settings, failures);
  }

  /**
   * Opens a bucket; nothing is sent yet.
   *
   * @throws StoreException of kind {@code MISCONFIGURED} if the settings can't be right
   */
  public static S3Store open(S3Settings settings) throws StoreException {
    return new S3Store(S3Clients.open(settings), settings);
  }

  @Override
  public String location() {
    return "s3://" + settings.bucket() + (settings.path().isEmpty() ? "" : "/" + settings.path());
  }

  @Override
  public PartLimits partLimits() {
    return new PartLimits(5 << 20, 1 << 30, 10_000);
  }

  @Override
  public Optional<StoredObject> find(String key) throws StoreException {
    try {
      HeadObjectResponse head =
          client.headObject(request -> request.bucket(settings.bucket()).key(full(key)));
      return Optional.of(
          new StoredObject(
              key, size(head.contentLength()), time(head.lastModified()), text(head.eTag())));
    } catch (SdkException e) {
      StoreException failure = failures.of("look up", key, e);
      // The answer to HEAD has no body: a missing bucket looks like a missing object.
      if (failure.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  @Override
  public Download read(String key, long offset, @Nullable String version) throws StoreException {
    try {
      ResponseInputStream<GetObjectResponse> response =
          client.getObject(
              request -> {
                request.bucket(settings.bucket()).key(full(key));
                if (offset > 0) {
                  request.range("bytes=" + offset + "-");
                }
                if (version != null) {
                  request.ifMatch(version);
                }
              });
      GetObjectResponse head = response.response();
      return new Download(
          new StoredObject(
              key,
              offset + size(head.contentLength()),
              time(head.lastModified()),
              text(head.eTag())),
          new S3InputStream(response));
    } catch (SdkException e) {
      throw failures.of("read", key, e);
    }
  }

  @Override
  public void list(String prefix, Visitor visitor) throws StoreException {
    String token = null;
    do {
      String after = token;
      ListObjectsV2Response page;
      try {
        page =
            client.listObjectsV2(
                request ->
                    request
                        .bucket(settings.bucket())
                        .prefix(root + prefix)
                        .continuationToken(after));
      } catch (SdkException e) {
        throw failures.of("list", prefix, e);
      }
      for (S3Object object : page.contents()) {
        // Consoles leave empty objects behind that stand for folders.
        if (object.key().endsWith("/")) {
          continue;
        }
        StoredObject found =
            new StoredObject(
                object.key().substring(root.length()),
                size(object.size()),
                time(object.lastModified()),
                text(object.eTag()));
        if (!visitor.visit(found)) {
          return;
        }
      }
      token = following(page, prefix);
    } while (token != null);
  }

  @Override
  public List<String> folders(String folder) throws StoreException {
    Keys.checkedFolder(folder);
    List<String> names = new ArrayList<>();
    String token = null;
    do {
      String after = token;
      ListObjectsV2Response page;
      try {
        page =
            client.listObjectsV2(
                request ->
                    request
                        .bucket(settings.bucket())
                        .prefix(root + folder)
                        .delimiter("/")
                        .continuationToken(after));
      } catch (SdkException e) {
        throw failures.of("list", folder, e);
      }
      for (CommonPrefix common : page.commonPrefixes()) {
        String name = common.prefix().substring(root.length() + folder.length());
        names.add(name.substring(0, name.length() - 1));
      }
      token = following(page, folder);
    } while (token != null);
    return List.copyOf(names);
  }

  private @Nullable String following(ListObjectsV2Response page, String prefix)
      throws StoreException {
    if (!Boolean.TRUE.equals(page.isTruncated())) {
      return null;
    }
    if (page.nextContinuationToken() == null) {
      throw new StoreException(
          Kind.UNAVAILABLE,
          "%s broke off the list of %s without saying how to go on".formatted(location(), prefix),
          null);
    }
    return page.nextContinuationToken();
  }

  @Override
  public void put(String key, Content content, WriteOptions options) throws StoreException {
    writer.put(key, content, options);
  }

  @Override
  public Upload upload(String key, int partSize, WriteOptions options) throws StoreException {
    return writer.upload(key, options);
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    List<ObjectIdentifier> all =
        keys.stream().map(key -> ObjectIdentifier.builder().key(full(key)).build()).toList();
    for (int from = 0; from < all.size(); from += DELETE_BATCH) {
      List<ObjectIdentifier> batch = all.subList(from, Math.min(all.size(), from + DELETE_BATCH));
      DeleteObjectsResponse response;
      try {
        response =
            client.deleteObjects(
                request ->
                    request
                        .bucket(settings.bucket())
                        .delete(delete -> delete.objects(batch).quiet(true)));
      } catch (SdkException e) {
        throw failures.of("delete", "objects", e);
      }
      if (response.hasErrors() && !response.errors().isEmpty()) {
        var first = response.errors().getFirst();
        throw new StoreException(
            "AccessDenied".equals(first.code()) ? Kind.DENIED : Kind.UNAVAILABLE,
            "%s refuses to delete %s (%s)"
                .formatted(location(), first.key().substring(root.length()), first.code()),
            null);
      }
    }
  }

  String full(String key) {
    return root + Keys.checked(key);
  }

  private static long size(@Nullable Long size) {
    return size == null ? 0 : size;
  }

  private static Instant time(@Nullable Instant time) {
    return time == null ? Instant.EPOCH : time;
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  @Override
  public void close() {
    client.close();
  }
}
