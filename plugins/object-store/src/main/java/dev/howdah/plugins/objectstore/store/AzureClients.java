package dev.howdah.plugins.objectstore.store;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/** Makes the client that speaks to a container, over the JDK's own HTTP client. */
final class AzureClients {

  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);

  private AzureClients() {}

  /**
   * Makes a client; nothing is sent yet.
   *
   * @throws StoreException of kind {@code MISCONFIGURED} if the settings can't be right
   */
  static BlobContainerClient open(AzureSettings settings) throws StoreException {
    try {
      BlobContainerClientBuilder builder =
          new BlobContainerClientBuilder()
              .httpClient(http(settings))
              .retryOptions(
                  new RequestRetryOptions(
                      RetryPolicyType.EXPONENTIAL,
                      settings.timeouts().attempts(),
                      settings.timeouts().attempt(),
                      FIRST_RETRY,
                      LONGEST_RETRY,
                      null));
      identify(builder, settings);
      return builder.containerName(settings.container()).buildClient();
    } catch (IllegalArgumentException | IllegalStateException | NullPointerException e) {
      throw new StoreException(
          Kind.MISCONFIGURED,
          "the client for container %s can't be set up; check destinationPath and azureCredentials"
              .formatted(settings.container()),
          e);
    }
  }

  private static com.azure.core.http.HttpClient http(AzureSettings settings) throws StoreException {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.timeouts().connect());
    if (!settings.certificates().isEmpty()) {
      try {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, Trust.in(settings.certificates()), null);
        client.sslContext(context);
      } catch (GeneralSecurityException e) {
        throw new StoreException(
            Kind.MISCONFIGURED, "the certificates of endpointCA can't be used", e);
      }
    }
    return new JdkHttpClientBuilder(client)
        .responseTimeout(settings.timeouts().attempt())
        .readTimeout(settings.timeouts().idle())
        .build();
  }

  private static void identify(BlobContainerClientBuilder builder, AzureSettings settings) {
    switch (settings.credentials()) {
      case AzureSettings.Credentials.ConnectionString connection ->
          builder.connectionString(connection.text());
      case AzureSettings.Credentials.AccountKey key ->
          builder
              .endpoint(settings.endpoint())
              .credential(new StorageSharedKeyCredential(key.account(), key.key()));
      case AzureSettings.Credentials.Signature signature ->
          builder.endpoint(settings.endpoint()).sasToken(signature.token());
      case AzureSettings.Credentials.ManagedIdentity identity -> {
        ManagedIdentityCredentialBuilder managed = new ManagedIdentityCredentialBuilder();
        identity.clientId().ifPresent(managed::clientId);
        builder.endpoint(settings.endpoint()).credential(managed.build());
      }
      case AzureSettings.Credentials.Environment environment ->
          builder
              .endpoint(settings.endpoint())
              .credential(new DefaultAzureCredentialBuilder().build());
    }
  }
}
