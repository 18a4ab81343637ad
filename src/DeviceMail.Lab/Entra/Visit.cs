namespace DeviceMail.Lab.Entra;

public enum VisitKind
{
    /// <summary>The authorize endpoint: a person signs in, and the browser brings a code back.</summary>
    SignIn,

    /// <summary>The admin consent endpoint: an administrator grants, and the browser brings word of it back.</summary>
    AdminConsent,
}

/// <summary>One request of an application that a person has to answer in the browser.</summary>
public sealed record Visit(VisitKind Kind, Authority Authority, string Redirect, string ScopeText)
{
    /// <summary>Names the visit in the forms of its pages.</summary>
    public string Id { get; } = TokenSigner.RandomText(32);

    /// <summary>The application that sent the person.</summary>
    public Guid Client { get; init; } = LabTenant.ClientId;

    public IReadOnlyList<ScopeRequest> Scopes { get; init; } = [];
    public string State { get; init; } = "";
    public string? Nonce { get; init; }
    public string CodeChallenge { get; init; } = "";
    public string LoginHint { get; init; } = "";
    public string Prompt { get; init; } = "";

    /// <summary>Set when the account page is done.</summary>
    public LabAccount? Account { get; internal set; }

    public IEnumerable<string> Keys => Scopes.SelectMany(scopes => scopes.Keys);

    /// <summary>The redirect URI with an answer in its query, and with the state when there is one.</summary>
    public Uri Answer(params IEnumerable<(string Name, string Value)> fields)
    {
        var query = string.Join('&', fields.Append(("state", State))
            .Where(field => field.Item2.Length > 0)
            .Select(field => $"{field.Item1}={Uri.EscapeDataString(field.Item2)}"));
        var mark = Redirect.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return new($"{Redirect}{mark}{query}");
    }

    public Uri Refuse(EntraRefusal refusal) => Answer(
        ("error", refusal.Error), ("error_subcode", refusal.SubError ?? ""), ("error_description", $"AADSTS{refusal.Number}: {refusal.Text}"));
}

/// <summary>The answer to a step of the person: the next page of the visit, a refusal that a page shows, or where the browser goes.</summary>
public sealed record VisitStep(Visit? Visit, EntraRefusal? Refusal, Uri? Location)
{
    public static VisitStep Next(Visit visit) => new(visit, null, null);

    /// <summary>The visit may still be known, so that the person can pick another account.</summary>
    public static VisitStep Refuse(Visit? visit, EntraRefusal refusal) => new(visit, refusal, null);

    public static VisitStep Leave(Uri location) => new(null, null, location);
}
