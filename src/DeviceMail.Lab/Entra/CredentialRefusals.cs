namespace DeviceMail.Lab.Entra;

/// <summary>What goes wrong when the application proves who it is.</summary>
public static class CredentialRefusals
{
    public static readonly EntraRefusal WrongSecret = Client(7000215,
        $"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{LabTenant.ClientId}'.");

    public static readonly EntraRefusal ExpiredSecret = Client(7000222,
        $"The provided client secret keys for app '{LabTenant.ClientId}' are expired. Create new keys for the app, or use certificate credentials for added security.");

    public static readonly EntraRefusal BadAssertion = Client(700027,
        "The certificate with identifier used to sign the client assertion is not registered on application, or the assertion's signature is not valid.");

    /// <summary>Microsoft documents no number for it.</summary>
    public static readonly EntraRefusal UsedAssertion = Client(700027, "The client assertion was used before: its 'jti' is known.");

    public static readonly EntraRefusal AssertionOutOfTime = Client(700024,
        "Client assertion is not within its valid time range. Check that the clock of the caller is right and that the assertion is short-lived.");

    public static readonly EntraRefusal ExpiredCertificate = Client(1000502, "The provided certificate is not within its specified validity window.");

    public static readonly EntraRefusal OtherClient = Client(700021, "Client assertion application identifier doesn't match 'client_id' parameter.");

    public static readonly EntraRefusal OtherAudience = Client(700023, "Client assertion audience claim does not match Realm issuer.");

    public static readonly EntraRefusal SharedTenant = new("invalid_request", 50059,
        "No tenant-identifying information found in either the request or implied by any provided credentials.");

    public static EntraRefusal NotDefaultScope(string scope) => new("invalid_scope", 1002012,
        $"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).");

    private static EntraRefusal Client(int number, string text) => new("invalid_client", number, text) { Status = 401 };
}
