using DeviceMail.Activity;
using DeviceMail.Control;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>One account as the command line and the API show it; holds no secret.</summary>
public sealed record AccountView(long Id, string Address, string Provider, AuthenticationMethod Method, string Server)
{
    public bool IsDefault { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>The kind of status: SignedIn, NotSignedIn, WaitingForPerson, SignedInNotSaved, Unreachable, Expired, SignInAgain, NotNeeded.</summary>
    public required string Status { get; init; }

    public int? Code { get; init; }

    public string? Problem { get; init; }

    public string? Cause { get; init; }

    public string? Remedy { get; init; }

    public string? ServerWords { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? PredictedEnd { get; init; }

    /// <summary>Why it will end then; null where no end is known.</summary>
    public string? PredictedEndReason { get; init; }

    public string? UserCode { get; init; }

    public string? VerificationAddress { get; init; }

    public string? SignedInAs { get; init; }

    /// <summary>Interfaces that do not take its mail, a sentence each.</summary>
    public IReadOnlyList<string> Refused { get; init; } = [];

    /// <summary>What a browser opens for the sign-in under way.</summary>
    public string? SignInAddress { get; init; }

    /// <summary>The address at which the provider's answer comes back to Web Config; empty: none is registered.</summary>
    public string Redirect { get; init; } = "";

    public bool SignsInAsApplication { get; init; }

    /// <summary>A change of the account that was just saved has deleted the sign-in it had.</summary>
    public bool SignInDeleted { get; init; }
}

public sealed record AccountList(IReadOnlyList<AccountView> Accounts);

/// <summary>What is asked of a new account, or changed of one there is; null leaves a field as it is.</summary>
public sealed record AccountRequest(string Address)
{
    public string? Provider { get; init; }

    public string? Method { get; init; }

    public string? Host { get; init; }

    public int? Port { get; init; }

    public string? Security { get; init; }

    public string? ClientId { get; init; }

    public string? TenantId { get; init; }

    public string? Issuer { get; init; }

    public string? DeviceEndpoint { get; init; }

    public string? TokenEndpoint { get; init; }

    public string? Scopes { get; init; }

    public string? Mechanism { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    public string? PopHost { get; init; }

    public int? PopPort { get; init; }

    public string? AuthorizationEndpoint { get; init; }

    public string? SignInAs { get; init; }

    public string? Redirect { get; init; }

    public string? SendBy { get; init; }

    public string? GraphAddress { get; init; }

    public bool? LargeByGraph { get; init; }

    public string? ClientSecret { get; init; }

    public bool? NoClientSecret { get; init; }

    public DateTimeOffset? SecretEnds { get; init; }

    public bool? Verify { get; init; }

    public bool? Default { get; init; }

    public bool? Paused { get; init; }

    public bool? KeepFrom { get; init; }

    public int? Connections { get; init; }

    public int? PerMinute { get; init; }

    public int? PerDay { get; init; }

    public long? SizeLimit { get; init; }

    public IReadOnlyList<string>? AllowSenders { get; init; }

    public IReadOnlyList<string>? RouteSenders { get; init; }
}

internal static class AccountControl
{
    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/accounts", IResult (AccountViews views) => Results.Json(views.All, AccountsJson.Default.AccountList));
        control.MapPost("/accounts/add", async Task<IResult> (HttpContext context, AccountRegister accounts, AccountViews views) =>
            await SaveAsync(await ReadAsync(context), null, new Saving(accounts, views)));
        control.MapPost("/accounts/set", async Task<IResult> (HttpContext context, AccountRegister accounts, AccountViews views) =>
        {
            var asked = await ReadAsync(context);
            return Find(accounts, asked.Address) is { } account ? await SaveAsync(asked, account, new Saving(accounts, views)) : Unknown(asked.Address);
        });
        control.MapPost("/accounts/remove", async Task<IResult> (string address, AccountRegister accounts) =>
        {
            if (Find(accounts, address) is not { } account) return Unknown(address);
            await accounts.RemoveAsync(account.Id);
            return ControlAnswers.Done($"The account {account.Address} is gone, with its sign-in. Mail that waits for it is held in Job Status, where another account can send it.");
        });
        SignInControl.Map(control);
    }

    /// <summary>By address; an empty one is the default account.</summary>
    public static Account? Find(AccountRegister accounts, string address) =>
        address is "" or "-" ? accounts.Default : MailAddress.TryParse(address, out var parsed) ? accounts.Find(parsed) : null;

    private static async Task<IResult> SaveAsync(AccountRequest asked, Account? former, Saving saving)
    {
        var (account, fault) = AccountForm.Apply(asked, former);
        if (account is null) return ControlAnswers.Refused(fault);
        if (former is null && saving.Accounts.All.Count == 0) account = account with { IsDefault = true };
        var had = former is not null && saving.Accounts.SignInOf(former.Id).Since is not null;
        var typed = new TypedSecrets(Of(asked.Password), asked.NoClientSecret == true ? new Secret("") : Of(asked.ClientSecret));
        switch (await saving.Accounts.SaveAsync(account, typed, former))
        {
            case AccountSave.Refused refused: return ControlAnswers.Refused(refused.Sentence);
            // Somebody changed another field at the same moment: this change is made on top of it.
            case AccountSave.Changed: return saving.Accounts.Find(account.Id) is { } now ? await SaveAsync(asked, now, saving) : Unknown(asked.Address);
            case AccountSave.Saved { Account: var saved }:
                return Results.Json(saving.Views.Of(saved) with { SignInDeleted = had && saving.Accounts.SignInOf(saved.Id).Since is null }, AccountsJson.Default.AccountView);
            default: throw new InvalidOperationException("A save is saved or refused.");
        }
    }

    private static Secret? Of(string? typed) => typed is null ? null : new Secret(typed);

    private static async Task<AccountRequest> ReadAsync(HttpContext context) => (await context.Request.ReadFromJsonAsync(AccountsJson.Default.AccountRequest))!;

    public static IResult Unknown(string address) => ControlAnswers.Refused(address is "" or "-"
        ? "There is no default account. `devicemail accounts add ADDRESS` makes one."
        : $"There is no account “{address}”. `devicemail accounts` lists them.");

    private sealed record Saving(AccountRegister Accounts, AccountViews Views);
}

/// <summary>Accounts with their status, as everything outside sees them.</summary>
public sealed class AccountViews(AccountRegister accounts, AccountStatusBoard board, AccountSignIn signIn)
{
    public AccountList All => new([.. accounts.All.Select(Of)]);

    public AccountView Of(Account account)
    {
        var status = board.StatusOf(account.Id);
        var problem = board.StandsInTheWay(account.Id);
        var record = accounts.SignInOf(account.Id);
        return new AccountView(account.Id, account.Address.ToString(), account.Provider, account.Method, $"{account.Host}:{account.Port}")
        {
            IsDefault = accounts.Default?.Id == account.Id,
            IsPaused = account.IsPaused,
            Status = record.StagedAs is not null && status is not AccountStatus.WaitingForPerson ? nameof(AccountStatus.SignedInNotSaved) : status.GetType().Name,
            Code = problem?.Code,
            Problem = problem?.Title,
            Cause = problem?.Cause,
            Remedy = problem?.RemedyFor(account.Address.ToString()),
            ServerWords = problem is null ? null : record.ServerWords.Length > 0 ? record.ServerWords : board.TroubleOf(account.Id)?.ServerWords,
            Since = (status as AccountStatus.SignedIn)?.Since,
            PredictedEnd = (status as AccountStatus.SignedIn)?.PredictedEnd,
            PredictedEndReason = (status as AccountStatus.SignedIn)?.EndReason is { Length: > 0 } reason ? reason : null,
            UserCode = (status as AccountStatus.WaitingForPerson)?.UserCode,
            VerificationAddress = (status as AccountStatus.WaitingForPerson)?.VerificationAddress.AbsoluteUri,
            SignedInAs = record.StagedAs ?? (signIn.StepOf(account.Id) as SignInStep.SignedIn)?.As,
            Refused = TransportWords.Of(account, record),
            Redirect = account.RedirectAddress,
            SignsInAsApplication = account.IsApplication,
        };
    }
}
