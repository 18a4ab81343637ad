using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>A person's sign-in in a browser that has begun.</summary>
/// <param name="Address">What the browser opens.</param>
/// <param name="State">Unguessable; who brings it back brings the answer to this request and no other.</param>
/// <param name="Redirect">Where the provider leads the browser, exactly.</param>
internal sealed record AuthorizationRequest(Uri Address, string State, string Redirect)
{
    public required string Verifier { get; init; }

    public required string Nonce { get; init; }

    public required OAuthEndpoints Endpoints { get; init; }

    /// <summary>Whether what a browser brought is the answer to this request.</summary>
    public bool IsAnsweredBy(IReadOnlyDictionary<string, string> landed) =>
        landed.GetValueOrDefault("state") is { } brought && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(State), Encoding.UTF8.GetBytes(brought));
}

/// <summary>
/// The authorization code grant (RFC 6749 4.1) by the rules of RFC 9700: PKCE with S256 (RFC 7636), a state of its own for each attempt, the
/// issuer's name in the answer where there is one (RFC 9207), and in the ID token nonce, issuer, audience and time.
/// </summary>
internal sealed class AuthorizationCodes(OAuthChannel channel, ClientCredentials credentials, TimeProvider time)
{
    /// <summary>What a person is told who pasted something else than the answer.</summary>
    public const string WrongAddress = "This is not the address that this sign-in landed on. Copy it whole from the browser's address bar; it has code= and state= in it.";

    private const int SecretOctets = 32, LongestAnswer = 16 << 10;

    /// <summary>Whether the sign-in is to last: without a refresh token it would end within the hour.</summary>
    public bool IsToLast { get; init; } = true;

    /// <summary>Whether the account's own mailbox signs in; where it is somebody else, the browser asks who, whoever is signed in there.</summary>
    public bool IsOfMailbox { get; init; } = true;

    /// <returns>The request, or the step that ends the attempt.</returns>
    public async Task<(AuthorizationRequest? Request, SignInStep? End)> StartAsync(Account account, string redirect, CancellationToken cancel)
    {
        if (channel.Obstacle is { } obstacle) return (null, new SignInStep.Blocked(obstacle, ""));
        var (endpoints, words) = await channel.EndpointsAsync(account, OAuthUse.Browser, cancel);
        if (endpoints is null) return (null, new SignInStep.Blocked(Problems.Unreachable, words));
        if (endpoints.Authorization.Length == 0) return (null, new SignInStep.Blocked(Problems.SetUpFault, "The provider offers no sign-in in a browser."));
        var (state, verifier, nonce) = (Random(), Random(), Random());
        Dictionary<string, string> asked = new(Providers.Of(account).Asks)
        {
            ["response_type"] = "code",
            ["client_id"] = account.ClientId,
            ["redirect_uri"] = redirect,
            ["scope"] = TokenScopes.ForConsent(account),
            ["state"] = state,
            ["nonce"] = nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        };
        if (IsOfMailbox) asked["login_hint"] = account.Address.ToString();
        else asked["prompt"] = "select_account";
        // OpenID Connect Core 11 asks for it; at Microsoft it would ask for an agreement that an administrator has given already.
        if (!MicrosoftAuthority.IsTokenEndpoint(endpoints.Token) && asked["scope"].Split(' ').Contains("offline_access")) asked["prompt"] = "consent";
        var address = new UriBuilder(endpoints.Authorization);
        address.Query = string.Join('&', [.. address.Query.TrimStart('?') is { Length: > 0 } own ? [own] : (string[])[], .. asked.Select(one => $"{one.Key}={Uri.EscapeDataString(one.Value)}")]);
        return (new AuthorizationRequest(address.Uri, state, redirect) { Verifier = verifier, Nonce = nonce, Endpoints = endpoints }, null);
    }

    /// <summary>The parameters of the address on which a browser landed, as a person pasted it or a browser asked for it; empty where it has none.</summary>
    public static IReadOnlyDictionary<string, string> Read(string landed)
    {
        var question = landed.IndexOf('?', StringComparison.Ordinal);
        if (question < 0 || landed.Length > LongestAnswer) return new Dictionary<string, string>();
        var query = landed[(question + 1)..].Split('#')[0];
        var found = new Dictionary<string, string>();
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
            if (pair.Split('=', 2) is [var name, var value]) found[WebUtility.UrlDecode(name)] = WebUtility.UrlDecode(value).Trim();
        return found;
    }

    /// <summary>Redeems what the browser brought back; its state has been found to be this request's.</summary>
    public async Task<(SignInTokens? Tokens, SignInStep Step)> RedeemAsync(Account account, AuthorizationRequest request, IReadOnlyDictionary<string, string> landed, CancellationToken cancel)
    {
        if (WrongIssuer(request.Endpoints, landed) is { } stranger) return (null, new SignInStep.Blocked(Problems.RequestFault, stranger));
        if (landed.GetValueOrDefault("error") is { } error) return (null, Refused(error, landed.GetValueOrDefault("error_description")));
        if (landed.GetValueOrDefault("code") is not { Length: > 0 } code) return (null, new SignInStep.Blocked(Problems.RequestFault, "The provider's answer holds neither a code nor an error."));
        var transport = account.Transports[0];
        var reply = await channel.PostAsync(request.Endpoints.Token,
        [
            new("grant_type", "authorization_code"), .. credentials.FormOf(account, request.Endpoints), new("code", code), new("redirect_uri", request.Redirect),
            new("code_verifier", request.Verifier), new("scope", TokenScopes.For(account, transport)),
        ], AccountsJson.Default.TokenAnswer, cancel);
        return reply switch
        {
            OAuthReply.Answered<TokenAnswer> { Answer: { AccessToken: { } access, Error: null } answer } => Done(account, request, answer, new Secret(access)),
            OAuthReply.Answered<TokenAnswer> { Answer: { Error: { } refused } answer } =>
                (null, new SignInStep.Blocked(EntraErrors.Explain(refused, answer.Codes, answer.Description, answer.SubError), EntraErrors.FirstLine(refused, answer.Description))),
            OAuthReply.NoAnswer none => (null, new SignInStep.Blocked(Problems.Unreachable, none.Words)),
            _ => (null, new SignInStep.Blocked(Problems.Unreachable, "The service answered with neither a token nor an error.")),
        };
    }

    private (SignInTokens? Tokens, SignInStep Step) Done(Account account, AuthorizationRequest request, TokenAnswer answer, Secret access)
    {
        if (IsToLast && answer.RefreshToken is null)
            return (null, new SignInStep.Blocked(Problems.SetUpFault, "The provider gave no refresh token: the scope offline_access is missing, or what the provider asks for in its place."));
        var expected = new IdTokenExpectation(account, request.Endpoints, request.Nonce, time.GetUtcNow());
        if (answer.IdToken is not null && expected.FaultOf(answer.IdToken) is { } fault) return (null, new SignInStep.Blocked(fault.Problem, fault.Words));
        if (answer.IdToken is null && request.Endpoints.Scopes.Split(' ').Contains("openid"))
            return (null, new SignInStep.Blocked(Problems.RequestFault, "The provider was asked who signed in (openid), and its answer does not say it."));
        var (name, organisation) = IdToken.Read(answer.IdToken, account.ClientId);
        var tokens = new SignInTokens(access, answer.RefreshToken is { } refresh ? new Secret(refresh) : null, TimeSpan.FromSeconds(answer.ExpiresIn ?? 3_600), name, organisation)
        {
            For = account.Transports[0],
            By = SignInWay.Browser,
        };
        return (tokens, new SignInStep.SignedIn(name, organisation));
    }

    /// <summary>RFC 9207 2.4: an answer that names another issuer came from a server that the person was not sent to.</summary>
    private static string? WrongIssuer(OAuthEndpoints endpoints, IReadOnlyDictionary<string, string> landed)
    {
        if (landed.GetValueOrDefault("iss") is not { } named)
            return endpoints.NamesIssuer ? "The provider promises to name itself in its answer, and this answer does not." : null;
        // Where the administrator typed the endpoints and no issuer there is nothing to compare with, and the token endpoint is pinned by them.
        return endpoints.Issuer.Length == 0 || named.TrimEnd('/') == endpoints.Issuer ? null : $"The answer came from {Clean(named)}, not from {endpoints.Issuer}.";
    }

    private static SignInStep Refused(string error, string? description)
    {
        var words = EntraErrors.FirstLine(error, description);
        var numbers = Catalogue.NumbersIn(description ?? "").ToList();
        return error == "access_denied" && numbers is [] or [DeviceCodePoller.PersonDeclined]
            ? new SignInStep.Declined(words)
            : new SignInStep.Blocked(EntraErrors.Explain(error, numbers, description), words);
    }

    private static string Clean(string text) => new([.. text.Where(one => !char.IsControl(one)).Take(200)]);

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretOctets));
}
