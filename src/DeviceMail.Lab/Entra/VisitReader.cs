using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace DeviceMail.Lab.Entra;

/// <summary>
/// Reads the address with which an application sends a person to the sign-in pages. What makes the redirect URI
/// doubtful is shown on a page; all other faults go back to the application.
/// </summary>
public sealed class VisitReader(PretendCloud cloud)
{
    private static readonly string[] AllApplicationPermissions = ["outlook/SMTP.SendAsApp", "graph/Mail.Send"];
    private static readonly string[] Registered = ["https://outlook.office.com/SMTP.Send", "https://graph.microsoft.com/Mail.Send"];

    public VisitStep Read(Uri url)
    {
        var query = QueryHelpers.ParseQuery(url.Query).ToDictionary(field => field.Key, field => field.Value.ToString());
        return url.AbsolutePath.Trim('/').Split('/') switch
        {
            [var tenant, "oauth2", "v2.0", "authorize"] => SignIn(tenant, new(query)),
            [var tenant, "v2.0", "adminconsent"] => AdminConsent(tenant, new(query)),
            _ => VisitStep.Refuse(null, VisitRefusals.UnknownVisit),
        };
    }

    /// <summary>The application permissions that "/.default" stands for: those of the registration.</summary>
    public static IReadOnlyList<string> ApplicationPermissions(Visit visit) =>
        AsksForDefault(visit.ScopeText) ? AllApplicationPermissions : [];

    private VisitStep SignIn(string tenant, Fields fields)
    {
        var (visit, refusal) = Begin(VisitKind.SignIn, tenant, fields);
        if (visit is null)
            return VisitStep.Refuse(null, refusal!);
        var type = fields["response_type"];
        var mode = fields["response_mode"];
        refusal = this switch
        {
            _ when type.Length == 0 => EntraRefusal.MissingParameter("response_type"),
            _ when type != "code" => VisitRefusals.ResponseType(type),
            _ when mode is not ("" or "query") => VisitRefusals.ResponseMode(mode),
            _ when fields["scope"].Length == 0 => EntraRefusal.MissingParameter("scope"),
            _ when fields["code_challenge_method"] != "S256" || fields["code_challenge"].Length != 43 => VisitRefusals.NoChallenge,
            _ when fields["prompt"] == "none" => VisitRefusals.NobodySignedIn,
            _ => null,
        };
        if (refusal is null && ScopeRequest.ReadAll(fields["scope"]) is { } scopes)
            return VisitStep.Next(visit with { Scopes = scopes, CodeChallenge = fields["code_challenge"], Nonce = fields.Find("nonce"), Prompt = fields["prompt"] });
        return VisitStep.Leave(visit.Refuse(refusal ?? EntraRefusal.BadScope));
    }

    private VisitStep AdminConsent(string tenant, Fields fields)
    {
        var (visit, refusal) = Begin(VisitKind.AdminConsent, tenant, fields);
        if (visit is null)
            return VisitStep.Refuse(null, refusal!);
        if (fields["scope"].Length == 0)
            return VisitStep.Leave(visit.Refuse(EntraRefusal.MissingParameter("scope")));
        var named = fields["scope"].Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(scope => !IsDefault(scope));
        var text = string.Join(' ', AsksForDefault(fields["scope"]) ? named.Concat(Registered) : named);
        return ScopeRequest.ReadAll(text) is { } scopes
            ? VisitStep.Next(visit with { Scopes = scopes })
            : VisitStep.Leave(visit.Refuse(EntraRefusal.BadScope));
    }

    private (Visit? Visit, EntraRefusal? Refusal) Begin(VisitKind kind, string tenant, Fields fields)
    {
        if (Authority.Find(tenant, cloud.Web) is not { } authority)
            return (null, EntraRefusal.UnknownTenant(tenant));
        if (cloud.Registration.WrongClient(fields["client_id"], authority) is { } wrong)
            return (null, wrong);
        var redirect = fields["redirect_uri"];
        if (redirect.Length == 0)
            return (null, EntraRefusal.MissingParameter("redirect_uri"));
        var client = Guid.Parse(fields["client_id"]);
        if (!Redirects(client, redirect))
            return (null, VisitRefusals.UnknownRedirect(redirect, client));
        return (new(kind, authority, redirect, fields["scope"]) { Client = client, State = fields["state"], LoginHint = fields["login_hint"] }, null);
    }

    /// <summary>Each application has addresses of its own: those of the directory, of the registration, or of Microsoft's own tools.</summary>
    private bool Redirects(Guid client, string redirect)
    {
        if (client == LabTenant.ClientId)
            return cloud.Tenant.RedirectUris.Holds(redirect);
        var application = cloud.Directory.Applications.FirstOrDefault(one => one.AppId == client.ToString());
        return new RedirectUris(application?.PublicClient.RedirectUris).Holds(redirect);
    }

    private static bool AsksForDefault(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(IsDefault);

    private static bool IsDefault(string scope) => scope is ".default"
        or ApplicationScope.Graph or ApplicationScope.OutlookOffice or ApplicationScope.OutlookOffice365;

    private sealed class Fields(Dictionary<string, string> query)
    {
        public string this[string name] => query.GetValueOrDefault(name, "");

        public string? Find(string name) => query.GetValueOrDefault(name);
    }
}
