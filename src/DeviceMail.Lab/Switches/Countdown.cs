namespace DeviceMail.Lab.Switches;

/// <summary>"The next N": each taker uses one up.</summary>
public sealed class Countdown
{
    private int _remaining;

    public int Remaining
    {
        get => Volatile.Read(ref _remaining);
        set => Volatile.Write(ref _remaining, value);
    }

    public bool Take()
    {
        for (var seen = Remaining; seen > 0; seen = Remaining)
        {
            if (Interlocked.CompareExchange(ref _remaining, seen - 1, seen) == seen)
                return true;
        }

        return false;
    }
}
