namespace DeviceMail.Lab.Entra;

/// <summary>What goes wrong between the authorize endpoint and the code.</summary>
public static class VisitRefusals
{
    public static readonly EntraRefusal Cancelled = new("access_denied", 65004, "User declined to consent to access the app.") { SubError = "cancel" };

    public static readonly EntraRefusal ConsentCancelled = new("consent_required", 65004, "The resource owner or authorization server denied the request.");

    public static readonly EntraRefusal NobodySignedIn = new("login_required", 50058,
        "A silent sign-in request was sent but no user is signed in.");

    public static readonly EntraRefusal NoChallenge = new("invalid_request", 9002325,
        "Proof Key for Code Exchange is required: code_challenge with the method S256 is missing.");

    public static readonly EntraRefusal UnknownVisit = new("invalid_request", 90014, "The sign-in is not known any more. Start again in the application.");

    public static readonly EntraRefusal UnknownCode = new("invalid_grant", 70000, "The provided value for the 'code' parameter is not valid.");

    public static readonly EntraRefusal ExpiredCode = new("invalid_grant", 70008,
        "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.");

    public static readonly EntraRefusal UsedCode = new("invalid_grant", 54005,
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.");

    public static readonly EntraRefusal WrongVerifier = new("invalid_grant", 501481,
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.");

    public static EntraRefusal ResponseType(string type) => new("unsupported_response_type", 70005, $"The response type '{type}' is not supported here.");

    public static EntraRefusal ResponseMode(string mode) => new("invalid_request", 70007, $"'{mode}' is not a supported value of 'response_mode' here.");

    public static EntraRefusal UnknownRedirect(string uri, Guid client) => new("invalid_request", 50011,
        $"The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the application '{client}'.");

    public static EntraRefusal OtherRedirect(string given, string asked) => new("invalid_grant", 500112,
        $"The reply address '{given}' does not match the reply address '{asked}' provided when requesting Authorization code.");
}
