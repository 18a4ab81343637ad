using System.Collections.Concurrent;
using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Storage;

namespace DeviceMail.Sending;

/// <summary>
/// Sends by the interface that the account is set to, or by the first one that takes the mail. An interface that turned the account away before it
/// heard of a mail is remembered and explained; the other one is used, and the refused one asked again some hours later, or when only it can take a
/// mail. A mail that any interface may have taken is never handed to another one.
/// </summary>
internal sealed class MailSender(SmtpSender smtp, GraphSender graph, AccountRegister accounts, AccountStatusBoard status, TimeProvider time)
{
    private static readonly TimeSpan _askedAgain = TimeSpan.FromHours(6);

    // Accounts that a person asked for: what refused them is asked again at once.
    private readonly ConcurrentDictionary<long, bool> _hurried = new();

    /// <inheritdoc cref="TokenKeeper.Hurry"/>
    public void Hurry(long accountId)
    {
        _hurried[accountId] = true;
        smtp.Hurry(accountId);
    }

    public async Task<DeliveryResult> SendAsync(SendAttempt attempt, CancellationToken cancel)
    {
        var account = attempt.Account;
        if (account.Transports is [var only]) return await Of(only).SendAsync(attempt, cancel);
        var refused = _hurried.TryRemove(account.Id, out _) ? [] : accounts.SignInOf(account.Id).Refused;
        DeliveryResult? turnedAway = null, tooMuch = null;
        foreach (var transport in account.Transports.OrderBy(one => IsRefused(refused, one)))
        {
            var result = await Of(transport).SendAsync(attempt, cancel);
            var held = result.Recipients.Select(one => one.Outcome).OfType<SendOutcome.Held>().FirstOrDefault();
            // Who has the mail must not get it again: what is open of it is for the next attempt.
            if (result.Recipients.Any(one => one.Outcome is not SendOutcome.Held)) held = null;
            if (held is { IsTransports: true })
            {
                await RememberAsync(account, transport, held);
                // The preferred interface's refusal is what an administrator mends.
                if (turnedAway is null || transport == account.Transports[0]) turnedAway = result;
            }
            else if (held is { IsThisMailAlone: true })
            {
                tooMuch = result;
            }
            else
            {
                if (result.Recipients.Any(one => one.Outcome is SendOutcome.Sent)) await ForgetAsync(account, transport);
                return result;
            }
        }
        return tooMuch ?? turnedAway ?? throw new InvalidOperationException("An account has an interface.");
    }

    private ISender Of(Transport transport) => transport == Transport.Graph ? graph : smtp;

    private bool IsRefused(IReadOnlyList<RefusedTransport> refused, Transport transport) => refused.Any(one => one.Transport == transport && time.GetUtcNow() - one.Last < _askedAgain);

    private async Task RememberAsync(Account account, Transport transport, SendOutcome.Held held)
    {
        var now = time.GetUtcNow();
        var before = accounts.SignInOf(account.Id).Refused.FirstOrDefault(one => one.Transport == transport);
        var since = before is not null && before.Problem == held.Problem.Key ? before.Since : now;
        await WriteAsync(account, record => record with
        {
            Refused = [.. record.Refused.Where(one => one.Transport != transport), new RefusedTransport(transport, held.Problem.Key, held.ServerWords, since) { Last = now }],
        });
        status.ReportTransports(account.Id);
    }

    private async Task ForgetAsync(Account account, Transport transport)
    {
        if (accounts.SignInOf(account.Id).Refused.All(one => one.Transport != transport)) return;
        await WriteAsync(account, record => record with { Refused = [.. record.Refused.Where(one => one.Transport != transport)] });
        status.ReportTransports(account.Id);
    }

    private async Task WriteAsync(Account account, Func<SignInRecord, SignInRecord> change)
    {
        try
        {
            await accounts.ChangeSignInAsync(account.Id, change);
        }
        catch (StorageFailedException)
        {
            // Only the memory is lost; the next mail finds it out again.
        }
    }
}
