using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DeviceMail.Lab;
using DeviceMail.Lab.Entra;
using Microsoft.AspNetCore.WebUtilities;

namespace DeviceMail.Tests.Cloud;

/// <summary>
/// An application that talks to the lab as it would to Microsoft, without any of the product's code. The namespace is not called Lab, because
/// tests reach the lab's own types by that word.
/// </summary>
internal sealed class LabCaller : IAsyncDisposable
{
    public const string Mailbox = "scan@contoso.example";
    public const string Redirect = "http://localhost:5123";
    public const string SmtpScope = "https://outlook.office.com/SMTP.Send";
    public const string GraphScope = "https://graph.microsoft.com/Mail.Send";
    public const string Verifier = "lab-verifier-lab-verifier-lab-verifier-lab-verifier";

    private readonly HttpClient _http = new();

    private LabCaller(PretendCloud lab) => Lab = lab;

    public PretendCloud Lab { get; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<LabCaller> StartAsync(TimeProvider? time = null) =>
        new(await PretendCloud.StartAsync(new LabOptions { Time = time ?? TimeProvider.System }, Cancel));

    public Uri Authorize(string scope, string more = "") => new(Lab.Web, $"organizations/oauth2/v2.0/authorize?client_id={LabTenant.ClientId}&response_type=code" +
        $"&redirect_uri={Uri.EscapeDataString(Redirect)}&scope={Uri.EscapeDataString(scope)}&state=s1&nonce=n1&code_challenge_method=S256" +
        $"&code_challenge={Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)))}{more}");

    public static string Query(Uri address, string name) => QueryHelpers.ParseQuery(address.Query).TryGetValue(name, out var value) ? value.ToString() : "";

    /// <summary>The answer of the token endpoint, whatever its status.</summary>
    public async Task<JsonElement> TokenAsync(string tenant, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent([new("client_id", LabTenant.ClientId.ToString()), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);
        using var answer = await _http.PostAsync(new Uri(Lab.Web, $"{tenant}/oauth2/v2.0/token"), form, Cancel);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    public Task<JsonElement> RedeemAsync(Uri landed, params (string Name, string Value)[] more) => TokenAsync("organizations",
        [("grant_type", "authorization_code"), ("code", Query(landed, "code")), ("redirect_uri", Redirect), .. more]);

    public Task<JsonElement> ForApplicationAsync(string scope, params (string Name, string Value)[] credential) =>
        TokenAsync(LabTenant.TenantId.ToString(), [("grant_type", "client_credentials"), ("scope", scope), .. credential]);

    /// <summary>Signs a person in by browser and returns the access token for the scope.</summary>
    public async Task<string> SignInAsync(string scope, string account = Mailbox)
    {
        var landed = Lab.Authorizations.Approve(new Uri(Authorize(scope).AbsoluteUri.Replace("/organizations/", "/common/", StringComparison.Ordinal)), account);
        var answer = await TokenAsync("common", ("grant_type", "authorization_code"), ("code", Query(landed, "code")), ("redirect_uri", Redirect), ("code_verifier", Verifier));
        return answer.GetProperty("access_token").GetString()!;
    }

    public static int Number(JsonElement answer) => answer.TryGetProperty("error_codes", out var codes) ? codes[0].GetInt32() : 0;

    public Task<HttpResponseMessage> GraphAsync(HttpMethod method, string path, string token, HttpContent? content = null) =>
        CallAsync(method, new Uri(Lab.Graph, path), new AuthenticationHeaderValue("Bearer", token), content);

    public async Task<HttpResponseMessage> CallAsync(HttpMethod method, Uri address, AuthenticationHeaderValue? authorization, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.Authorization = authorization;
        return await _http.SendAsync(request, Cancel);
    }

    public Task<HttpResponseMessage> SendMimeAsync(string token, string message, string owner = "me") => GraphAsync(HttpMethod.Post, $"{owner}/sendMail", token,
        new StringContent(Convert.ToBase64String(Encoding.UTF8.GetBytes(message)), Encoding.ASCII, "text/plain"));

    /// <summary>The status and Graph's error code.</summary>
    public static async Task<string> RefusalAsync(HttpResponseMessage answer)
    {
        var error = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return $"{(int)answer.StatusCode} {error.GetProperty("error").GetProperty("code").GetString()}";
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Lab.DisposeAsync();
    }
}
