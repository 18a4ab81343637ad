using System.Security.Cryptography;
using System.Text;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <summary>What stands around the content of every page of the panel.</summary>
public sealed record PanelShell
{
    public required string Title { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>Where its back button leads; null: no back button.</summary>
    public (string Name, string Address)? Back { get; init; }

    /// <summary>Whether the administrator is signed in at this panel.</summary>
    public required bool IsAdministrator { get; init; }

    /// <summary>Whether the lock, or Log out, stands at the top.</summary>
    public bool HasLock { get; init; } = true;

    public string FormToken { get; init; } = "";

    /// <summary>The page's own address; the lock leads back to it.</summary>
    public required string Address { get; init; }

    /// <summary>Changes when what the page shows has changed; empty: the page shows nothing that changes by itself.</summary>
    public string State { get; init; } = "";

    /// <summary>Where a browser without our script goes by itself, and after how many seconds; null: nowhere.</summary>
    public (int Seconds, string Address)? Refresh { get; init; }
}

/// <summary>Makes the panel's pages.</summary>
internal static class PanelShells
{
    /// <summary>A page behind the guard.</summary>
    public static PanelShell Of(HttpContext context, string title)
    {
        var panel = PanelGuard.PanelOf(context);
        var isAdministrator = context.Part<PanelSignIns>().IsSignedIn(panel);
        return new PanelShell
        {
            Title = title,
            Now = context.Part<TimeProvider>().GetUtcNow(),
            IsAdministrator = isAdministrator,
            FormToken = PanelGuard.FormToken(context, panel),
            Address = context.Request.Path + context.Request.QueryString,
            // A visit would count as use: a page for the administrator goes home when its time is over.
            Refresh = isAdministrator ? ((int)PanelSignIns.Idle.TotalSeconds + 1, PanelMenu.Home) : null,
        };
    }

    /// <summary>A page of the menu, with the way back that the menu gives it.</summary>
    public static PanelShell Of(HttpContext context, PanelMenuItem item) => Of(context, item.Name) with { Back = PanelMenu.BackFrom(item) };

    /// <summary>
    /// The page, or its state where the page asks whether it is still true. The state also tells who is signed in, so that a page locks itself.
    /// </summary>
    /// <param name="facts">Everything on the page that can change by itself.</param>
    /// <param name="make">Makes the page of the shell.</param>
    public static IResult Live(HttpContext context, PanelShell shell, IEnumerable<string> facts, Func<PanelShell, IResult> make)
    {
        var state = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', facts.Append($"{shell.IsAdministrator}")))).AsSpan(0, 12));
        return PanelGuard.IsLive(context) ? Results.Text(state) : make(shell with { State = state });
    }
}
