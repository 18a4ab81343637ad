using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Entra;

/// <summary>The pretend Entra: device code, token, discovery and keys, under the paths of login.microsoftonline.com.</summary>
public sealed class EntraEndpoints(PretendCloud cloud)
{
    private const string DeviceCodeGrant = "urn:ietf:params:oauth:grant-type:device_code";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/{tenant}/oauth2/v2.0/devicecode", Task<IResult> (HttpContext c, string tenant) => AnswerAsync(c, tenant, DeviceCode));
        routes.MapPost("/{tenant}/oauth2/v2.0/token", Task<IResult> (HttpContext c, string tenant) =>
        {
            cloud.Counters.CountTokenCall();
            return AnswerAsync(c, tenant, Token);
        });
        routes.MapGet("/{tenant}/v2.0/.well-known/openid-configuration", IResult (HttpContext c, string tenant) => Discover(c, tenant));
        routes.MapGet("/{tenant}/discovery/v2.0/keys", IResult (string tenant) =>
            Results.Json(cloud.Tokens.PublicKeys, EntraJson.Default.SigningKeys));
        routes.MapPost("/api/approve", Task<IResult> (HttpContext c) => ApproveAsync(c));
    }

    private async Task<IResult> AnswerAsync(HttpContext c, string tenant, Func<IFormCollection, Authority, IResult> answer)
    {
        var switches = cloud.Switches;
        c.Response.Headers.CacheControl = "no-store, no-cache";
        if (switches.SlowMilliseconds > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(switches.SlowMilliseconds), cloud.Time, c.RequestAborted);
        if (switches.EntraUnreachable)
        {
            c.Abort();
            return Results.Empty;
        }

        if (switches.HtmlInsteadOfJson)
            return Results.Content("<html><body><h1>PRETEND proxy</h1><p>Sign in to the network first.</p></body></html>", "text/html");
        if (switches.TokenThrottledSeconds > 0)
        {
            c.Response.Headers.RetryAfter = switches.TokenThrottledSeconds.ToString(CultureInfo.InvariantCulture);
            return Refused(EntraRefusal.Throttled);
        }

        if (switches.EntraUnavailable)
            return Refused(EntraRefusal.Unavailable);
        if (!c.Request.HasFormContentType)
            return Refused(EntraRefusal.MissingParameter("client_id"));
        var form = await c.Request.ReadFormAsync(c.RequestAborted);
        if (Authority.Find(tenant, cloud.Web) is not { } authority)
            return Refused(EntraRefusal.UnknownTenant(tenant));
        return cloud.Registration.WrongClient(form["client_id"].ToString(), authority) is { } refusal ? Refused(refusal) : answer(form, authority);
    }

    private IResult DeviceCode(IFormCollection form, Authority authority)
    {
        cloud.Counters.CountDeviceCode();
        var scope = form["scope"].ToString();
        if (scope.Length == 0)
            return Refused(EntraRefusal.MissingParameter("scope"));
        if (ScopeRequest.Read(scope) is not { } scopes)
            return Refused(EntraRefusal.BadScope);
        if (cloud.Switches.PublicClientFlowsOff)
            return Refused(EntraRefusal.ConfidentialClient);
        var signIn = cloud.SignIns.Begin(authority, scopes);
        signIn.Client = Guid.Parse(form["client_id"].ToString());
        var page = new Uri(cloud.Web, authority.IsPersonal ? "link" : "device").ToString();
        var message = $"To sign in, use a web browser to open the page {page} and enter the code {signIn.UserCode} to authenticate.";
        var answer = new DeviceCodeAnswer(signIn.UserCode, signIn.DeviceCode, page, cloud.Switches.DeviceCodeSeconds)
        {
            Interval = cloud.Switches.PollIntervalSeconds,
            Message = message,
        };
        return Results.Json(answer, EntraJson.Default.DeviceCodeAnswer);
    }

    private IResult Token(IFormCollection form, Authority authority)
    {
        if (cloud.Registration.WrongCredential(form, authority) is { } wrong)
            return Refused(wrong);
        var grantType = form["grant_type"].ToString();
        TokenOutcome outcome;
        switch (grantType)
        {
            case DeviceCodeGrant:
                cloud.Counters.CountDevicePoll();
                outcome = cloud.SignIns.Redeem(form["device_code"].ToString(), authority);
                break;
            case "refresh_token":
                cloud.Counters.CountRefresh();
                outcome = cloud.Tokens.Refresh(form["refresh_token"].ToString(), form["scope"]);
                break;
            case "authorization_code":
                outcome = cloud.Authorizations.Redeem(CodeRedemption.Of(form), authority);
                break;
            case "client_credentials":
                outcome = ForApplication(form["scope"].ToString(), authority);
                break;
            case "":
                outcome = EntraRefusal.MissingParameter("grant_type");
                break;
            default:
                outcome = EntraRefusal.UnknownGrantType(grantType);
                break;
        }

        return outcome is { Answer: { } tokens } ? Results.Json(tokens, EntraJson.Default.TokenAnswer) : Refused(outcome.Refusal!);
    }

    private TokenOutcome ForApplication(string scope, Authority authority)
    {
        if (authority.IsShared || authority.IsPersonal)
            return CredentialRefusals.SharedTenant;
        if (scope.Length == 0)
            return EntraRefusal.MissingParameter("scope");
        return ApplicationScope.ResourceOf(scope) is { } resource
            ? new TokenOutcome(cloud.Tokens.IssueForApplication(authority, resource), null)
            : CredentialRefusals.NotDefaultScope(scope);
    }

    private IResult Discover(HttpContext c, string tenant)
    {
        if (cloud.Switches.EntraUnreachable)
        {
            c.Abort();
            return Results.Empty;
        }

        if (Authority.Find(tenant, cloud.Web) is not { } authority)
            return Refused(EntraRefusal.UnknownTenant(tenant));
        var start = $"{cloud.Web}{authority.Name}";
        return Results.Json(
            new Discovery(authority.Issuer, $"{start}/oauth2/v2.0/token", $"{start}/oauth2/v2.0/devicecode", $"{start}/discovery/v2.0/keys")
            {
                AuthorizationEndpoint = $"{start}/oauth2/v2.0/authorize",
            },
            EntraJson.Default.Discovery);
    }

    private async Task<IResult> ApproveAsync(HttpContext c)
    {
        var request = await c.Request.ReadFromJsonAsync(ApprovalJson.Default.ApprovalRequest, c.RequestAborted);
        var step = cloud.SignIns.SignIn(request?.UserCode ?? "", request?.Account ?? "");
        if (step.SignIn is not null)
            step = cloud.SignIns.Decide(request!.UserCode!, request.Decline ? ConsentDecision.Cancel : ConsentDecision.Accept);
        return step is { Refusal: { } refusal }
            ? Results.Json(new("refused", $"AADSTS{refusal.Number}: {refusal.Text}"), ApprovalJson.Default.ApprovalAnswer, statusCode: 400)
            : Results.Json(new(request!.Decline ? "declined" : "approved", null), ApprovalJson.Default.ApprovalAnswer);
    }

    private IResult Refused(EntraRefusal refusal)
    {
        var timestamp = cloud.Time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var (trace, correlation) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var description = $"AADSTS{refusal.Number}: {refusal.Text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}";
        var answer = new RefusalAnswer(refusal.Error, description, [refusal.Number], timestamp, trace)
        {
            CorrelationId = correlation,
            Suberror = refusal.SubError,
        };
        return Results.Json(answer, EntraJson.Default.RefusalAnswer, statusCode: refusal.Status);
    }
}
