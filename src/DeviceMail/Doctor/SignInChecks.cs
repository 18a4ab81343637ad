using DeviceMail.Accounts;
using DeviceMail.Activity;

namespace DeviceMail.Doctor;

/// <summary>What the sign-in of an account is asked with.</summary>
internal sealed record SignInParts(OAuthChannel Channel, TokenKeeper Tokens, AccountRegister Accounts, TimeProvider Time);

/// <summary>The sign-in of one account: whether a new one could begin, whether the present one is good, and whether a policy blocks codes.</summary>
internal sealed class SignInChecks(Account account, SignInParts parts)
{
    private static readonly TimeSpan _told = TimeSpan.FromDays(30);

    private const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>What the renewal came to; the line about policies follows from it.</summary>
    private DoctorLine? _renewal;

    public IEnumerable<DoctorStep> Steps()
    {
        if (account.Method != AuthenticationMethod.OAuth2) yield break;
        var record = parts.Accounts.SignInOf(account.Id);
        var byCode = !account.IsApplication && Providers.Of(account).Ways.Contains(SignInWay.DeviceCode) && (record.Since is null || record.By == SignInWay.DeviceCode);
        if (byCode) yield return new DoctorStep("device-code", "The sign-in service gives codes to the gateway", CodeAsync) { Needs = ["sign-in-tls"], Limit = TimeSpan.FromSeconds(70) };
        yield return new DoctorStep("token", "The sign-in is good", TokenAsync) { Needs = ["sign-in-tls"], Limit = TimeSpan.FromSeconds(70) };
        if (byCode) yield return new DoctorStep("device-code-allowed", "Policies allow sign-ins by code", _ => Task.FromResult(Allowed())) { Needs = ["sign-in-tls"] };
        if (account.IsApplication) yield return new DoctorStep("credential", "What the application proves itself with", _ => Task.FromResult(Credential()));
    }

    /// <summary>Asks for a code that nobody will enter, and once for its token: the registration's faults show in one of the two answers.</summary>
    private async Task<DoctorLine> CodeAsync(CancellationToken cancel)
    {
        var (code, end) = await new DeviceCodePoller(parts.Channel, parts.Time).StartAsync(account, cancel);
        if (code is null)
            return end is SignInStep.Blocked { Problem: var problem, Words: var words } ? Judge(problem, words) : DoctorLine.Failed("The sign-in service gave no code.", "The gateway's administrator checks the account under Network > Email Server > Basic.");
        var reply = await parts.Channel.PostAsync(code.Endpoints.Token,
            [new("grant_type", DeviceGrant), new("client_id", account.ClientId), new("device_code", code.DeviceCode)], AccountsJson.Default.TokenAnswer, cancel);
        return reply switch
        {
            OAuthReply.Answered<TokenAnswer> { Answer.Error: "authorization_pending" or "slow_down" } =>
                DoctorLine.Passed("The sign-in service gives codes to this application, and its registration allows public client flows."),
            OAuthReply.Answered<TokenAnswer> { Answer: { Error: { } error } answer } =>
                Judge(EntraErrors.Explain(error, answer.Codes, answer.Description, answer.SubError), EntraErrors.FirstLine(error, answer.Description)),
            OAuthReply.NoAnswer none => Judge(Problems.Unreachable, none.Words),
            _ => DoctorLine.Unknown("The sign-in service answered in a way that says nothing."),
        };
    }

    /// <summary>Renews the sign-in, as the gateway does by itself when a token has run out; nothing else is a proof that it is good.</summary>
    private async Task<DoctorLine> TokenAsync(CancellationToken cancel)
    {
        var given = await parts.Tokens.GetAsync(account, cancel);
        if (given is AccessTokenResult.Ready ready) given = await parts.Tokens.RefusedAsync(account, ready.Token, cancel);
        return _renewal = given switch
        {
            AccessTokenResult.Ready => DoctorLine.Passed("The sign-in was renewed just now."),
            AccessTokenResult.TryLater later => Judge(later.Problem, later.ServerWords),
            AccessTokenResult.Held { Problem: var problem } when problem == Problems.NotSignedIn && parts.Accounts.SignInOf(account.Id).StagedAs is not null => DoctorLine.Failed(Problems.NotSaved, ""),
            AccessTokenResult.Held held => DoctorLine.Failed(held.Problem, held.ServerWords),
            _ => DoctorLine.Unknown("The sign-in could not be judged."),
        };
    }

    private DoctorLine Credential()
    {
        const string remedy = "The gateway's administrator makes the next certificate under Network > Email Server > Basic with Sign In, and uploads it to the registration before the present one ends.";
        var (what, end) = account.Certificate.Length > 0 ? ("certificate", ApplicationCertificate.EndOf(account.Certificate)) : ("client secret", account.SecretEnds);
        if (end is not { } until) return DoctorLine.Warned("When the client secret ends is not known.", "The gateway's administrator enters its end under Network > Email Server > Basic with Sign In; better, makes a certificate there.");
        var left = until - parts.Time.GetUtcNow();
        if (left <= TimeSpan.Zero) return DoctorLine.Failed($"The {what} of the application ended on {Web.Words.Date(until)}.", remedy);
        return left < _told ? DoctorLine.Warned($"The {what} of the application ends on {Web.Words.Date(until)}.", remedy) : DoctorLine.Passed($"The {what} of the application is good until {Web.Words.Date(until)}.");
    }

    private DoctorLine Allowed()
    {
        const string policies = "The gateway's administrator signs in in a browser (`devicemail signin --browser`), which such a policy does not touch. Or an Entra administrator looks under Entra ID > Conditional Access > Policies for one with the condition Authentication flows > Device code flow, and excludes this mailbox from it.";
        var blocked = Problems.Find(parts.Accounts.SignInOf(account.Id).Problem) == Problems.BlockedByPolicy || _renewal?.Sentence.StartsWith(Problems.BlockedByPolicy.Title, StringComparison.Ordinal) == true;
        if (blocked) return DoctorLine.Failed("A policy blocks this sign-in.", policies, _renewal?.ServerWords ?? "");
        return _renewal is { Mark: DoctorMark.Passed }
            ? DoctorLine.Passed("The present sign-in goes on being renewed, so no policy blocks it.")
            : DoctorLine.Unknown("Whether a policy blocks codes shows only when a person signs in.", policies);
    }

    /// <summary>That the service is busy is no fault of the set-up, and passes.</summary>
    private static DoctorLine Judge(Problem problem, string words) => problem == Problems.Unreachable && words.Contains("(HTTP ", StringComparison.Ordinal)
        ? DoctorLine.Unknown("The sign-in service is busy now.", "Nothing is to be done: the gateway asks again by itself. Run the doctor again in some minutes.") with { ServerWords = words }
        : DoctorLine.Failed(problem, words);
}
