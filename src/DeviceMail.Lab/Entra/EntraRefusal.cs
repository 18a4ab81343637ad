namespace DeviceMail.Lab.Entra;

/// <summary>One refusal of Entra: the OAuth error, the AADSTS number and its words.</summary>
public sealed record EntraRefusal(string Error, int Number, string Text)
{
    public int Status { get; init; } = 400;

    public string? SubError { get; init; }

    public static readonly EntraRefusal Pending = new("authorization_pending", 70016,
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");

    /// <summary>Microsoft documents no number for it; the error name is RFC 8628's.</summary>
    public static readonly EntraRefusal SlowDown = new("slow_down", 70016, "OAuth 2.0 device flow error. The client polls too often. Slow down.");

    public static readonly EntraRefusal Declined = new("authorization_declined", 65004, "User declined to consent to access the app.");

    public static readonly EntraRefusal Expired = new("expired_token", 70020,
        "The provided value for the input parameter 'device_code' is not valid. This device code has expired.");

    public static readonly EntraRefusal UnknownCode = new("invalid_grant", 7000014,
        "The provided value for the input parameter 'device_code' is not valid.");

    public static readonly EntraRefusal UsedCode = new("invalid_grant", 70000,
        "The provided value for the input parameter 'device_code' is not valid. The code was already redeemed.");

    public static readonly EntraRefusal OtherTenantsCode = new("invalid_grant", 700005,
        "The provided authorization code is intended to use against other tenant, thus rejected.");

    public static readonly EntraRefusal UnknownRefreshToken = new("invalid_grant", 70000,
        "The provided value for the input parameter 'refresh_token' is not valid.");

    public static readonly EntraRefusal BadScope = new("invalid_scope", 70011,
        "The provided value for the input parameter 'scope' is not valid. One or more scopes in the request are unknown or belong to different resources.");

    public static readonly EntraRefusal ConfidentialClient = new("invalid_client", 7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.") { Status = 401 };

    public static readonly EntraRefusal SingleTenant = new("invalid_request", 50194,
        $"Application '{LabTenant.ClientId}'(DeviceMail) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported " +
        "for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.");

    public static readonly EntraRefusal NotForConsumers = new("unauthorized_client", 700016,
        "The client does not exist or is not enabled for consumers.");

    public static readonly EntraRefusal BlockedSignIn = new("access_denied", 53003,
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.");

    public static readonly EntraRefusal AdministratorOnly = new("access_denied", 90094,
        "Admin consent is required for the permissions requested by this application.");

    public static readonly EntraRefusal OtherTenantsAccount = new("access_denied", 50020,
        "User account from another identity provider does not exist in tenant 'Contoso' and cannot access the application in that tenant.");

    public static readonly EntraRefusal BlockedFlow = new("invalid_grant", 530036,
        "The refresh token can not be used because an authentication flows policy blocks the flow it was issued with.") { SubError = "message_only" };

    public static readonly EntraRefusal Revoked = new("invalid_grant", 50173,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.") { SubError = "bad_token" };

    public static readonly EntraRefusal Disused = new("invalid_grant", 700082,
        "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.") { SubError = "bad_token" };

    public static readonly EntraRefusal TooSeldom = new("invalid_grant", 70043,
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.") { SubError = "token_expired" };

    public static readonly EntraRefusal MfaTooOld = new("interaction_required", 50078,
        "Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh your multi-factor authentication to access the application.")
        { SubError = "basic_action" };

    public static readonly EntraRefusal NoConsent = new("invalid_grant", 65001,
        $"The user or administrator has not consented to use the application with ID '{LabTenant.ClientId}' named 'DeviceMail'. Send an interactive authorization request for this user and resource.")
        { SubError = "consent_required" };

    public static readonly EntraRefusal NoPersonalConsent = NoConsent with { Number = 70000, Text = "The user could not be authenticated or the grant is expired. The user must first sign in and if needed grant the client application access to the requested scope." };

    public static readonly EntraRefusal Throttled = new("temporarily_unavailable", 90055, "The request was throttled because there were too many requests.") { Status = 429 };

    public static readonly EntraRefusal Unavailable = new("temporarily_unavailable", 90033, "A transient error has occurred. Please try again.") { Status = 503 };

    public static EntraRefusal NotAssigned(LabAccount account) => new("access_denied", 50105,
        $"Your administrator has configured the application DeviceMail ('{LabTenant.ClientId}') to block users unless they are specifically granted ('assigned') access to the application. " +
        $"The signed-in user '{account.Address}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. " +
        "Please contact your administrator to assign access to this application.");

    public static EntraRefusal UnknownTenant(string tenant) => new("invalid_request", 90002,
        $"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.");

    public static EntraRefusal UnknownClient(string client) => new("unauthorized_client", 700016,
        $"Application with identifier '{client}' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant.");

    public static EntraRefusal MissingParameter(string name) => new("invalid_request", 900144,
        $"The request body must contain the following parameter: '{name}'.");

    public static EntraRefusal UnknownGrantType(string grantType) => new("unsupported_grant_type", 70003,
        $"The app requested an unsupported grant type '{grantType}'.");

    /// <summary>Any other number, refused the way most refresh refusals are.</summary>
    public static EntraRefusal Other(int number) => new(number is 50076 or 50079 ? "interaction_required" : "invalid_grant", number,
        "The pretend sign-in service was told to refuse with this number.") { SubError = number is 50076 or 50079 ? "basic_action" : null };
}
