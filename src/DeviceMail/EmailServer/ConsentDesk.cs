using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using DeviceMail.Accounts;
using DeviceMail.Activity;

namespace DeviceMail.EmailServer;

/// <summary>What the provider answered to an administrator's agreement.</summary>
/// <param name="Mark">ok, warn or bad.</param>
/// <param name="Sentence">What is.</param>
/// <param name="Advice">What to do, or what follows.</param>
public sealed record ConsentAnswer(string Mark, string Sentence, string Advice)
{
    public string ServerWords { get; init; } = "";
}

/// <summary>
/// The administrator's agreement by link (Microsoft identity platform, "Admin consent"), where it comes back to this gateway. What comes back is no
/// proof (anybody can type it): it is shown, and the next token is what counts.
/// </summary>
public sealed class ConsentDesk
{
    private readonly ConcurrentDictionary<long, string> _states = new();
    private readonly ConcurrentDictionary<long, ConsentAnswer> _answers = new();

    /// <summary>What the answer to this account's link brings back; the same until an answer came.</summary>
    public string StateFor(Account account) => _states.GetOrAdd(account.Id, _ => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>The last answer since the start of the program; null: none.</summary>
    public ConsentAnswer? AnswerFor(Account account) => _answers.GetValueOrDefault(account.Id);

    /// <summary>Takes the address on which the browser landed.</summary>
    /// <returns>The account whose link it answers; null: none.</returns>
    internal long? Take(string landed, Func<long, Account?> find)
    {
        var answer = AuthorizationCodes.Read(landed);
        var (id, state) = _states.FirstOrDefault(one => one.Value == answer.GetValueOrDefault("state"));
        if (state is null || find(id) is not { } account || !_states.TryRemove(KeyValuePair.Create(id, state))) return null;
        _answers[id] = Judge(account, answer);
        return id;
    }

    private static ConsentAnswer Judge(Account account, IReadOnlyDictionary<string, string> answer)
    {
        if (answer.GetValueOrDefault("error") is { } error)
        {
            var words = EntraErrors.FirstLine(error, answer.GetValueOrDefault("error_description"));
            var declined = error == "access_denied" || Catalogue.NumbersIn(words).Contains(DeviceCodePoller.PersonDeclined);
            return new ConsentAnswer("bad", declined ? "The administrator declined" : "Microsoft refused the agreement",
                declined ? "Nothing was granted. Send the link again, and let the administrator select Accept." : "Nothing was granted. Read what Microsoft said, and send the link again when it is mended.") { ServerWords = words };
        }
        var tenant = Plain(answer.GetValueOrDefault("tenant") ?? "");
        if (Guid.TryParse(account.TenantId, out var own) && (!Guid.TryParse(tenant, out var named) || named != own))
            return new ConsentAnswer("bad", "Another organisation agreed", $"The answer names the directory {(tenant.Length > 0 ? tenant : "not at all")}, and this account belongs to {account.TenantId}. "
                + "The administrator signs in with an account of that organisation, in a private window, and agrees again.");
        return answer.GetValueOrDefault("admin_consent")?.Equals("true", StringComparison.OrdinalIgnoreCase) == true
            ? new ConsentAnswer("ok", "The administrator agreed for the organisation", "Now the mailbox can sign in. What is granted shows for certain when it sends; it may take some minutes until it counts.")
            : new ConsentAnswer("warn", "The answer says neither yes nor no", "Open the link again, and look at what Microsoft's page says.");
    }

    private static string Plain(string text) => new([.. text.Where(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '.').Take(100)]);
}
